import { ApiProperty } from '@nestjs/swagger';
import { Check, Field } from '../validation/field.js';
import { EnumCheck, IntegerField } from '../validation/fields.js';
import { decodeCursor } from './cursor.js';
import { SortOrder, type SortOrders, type Position } from './sort-order.js';

export const MAX_PAGE_SIZE = 500;
const MAX_OFFSET = 2 ** 31 - 1;

/** How to read a list: the sort order, and the page; the whole list when no page is given. */
export interface PageRequest {
  sort: SortOrder;
  limit?: number;
  /** The page begins after the row at this position. */
  cursor?: Position;
  /** The page begins after this number of rows. */
  offset?: number;
}

/** The parameters of a page: what a query for a whole list leaves out. */
export const PAGING = ['limit', 'cursor', 'offset'] as const;

/**
 * The query parameters for pages and sort orders of a list.
 *
 * @param options limit: the default page size of a list that is never returned whole; maxLimit: the largest one
 */
export function PageQuery(
  orders: SortOrders,
  options: { limit?: number; maxLimit?: number } = {},
): new () => PageRequest {
  const defaultOrder = orders.values().next().value as SortOrder;

  class Query implements PageRequest {
    @SortField(orders)
    sort = defaultOrder;

    @IntegerField({ min: 1, max: options.maxLimit ?? MAX_PAGE_SIZE, optional: true })
    @ApiProperty({
      default: options.limit,
      description:
        'Answers one page of at most so many. `Link` then names the next page, if there is one, and `X-Total-Count` says how many there are in all.',
    })
    limit = options.limit;

    @CursorField(orders)
    cursor?: Position;

    @IntegerField({ min: 0, max: MAX_OFFSET, optional: true })
    @ApiProperty({
      description:
        'How many to leave out before the page begins. It takes the longer the more they are: better use `cursor`.',
    })
    offset?: number;
  }
  return Query;
}

function SortField(orders: SortOrders): PropertyDecorator {
  const names = [...orders.keys()];
  return Field(
    OPTIONAL,
    {
      type: 'string',
      enum: names,
      default: names[0],
      description:
        'What the list is sorted by; descending with a minus before it. A missing value counts as empty.',
    },
    (name) => orders.get(name as string),
    [EnumCheck(names, (sort) => sort instanceof SortOrder)],
  );
}

/** Where a page begins, taken from the `Link` of the page before. */
function CursorField(orders: SortOrders): PropertyDecorator {
  const [defaultName] = orders.keys();
  return Field(
    OPTIONAL,
    {
      type: 'string',
      description:
        'Where the page begins: taken from the `Link` of the page before. Rows that come and go do not shift the pages.',
    },
    (cursor, { sort = defaultName }) => {
      const order = orders.get(sort as string);
      return order && typeof cursor === 'string' ? decodeCursor(cursor, order) : undefined;
    },
    [
      Check<unknown, PageRequest>(
        'value_error',
        (_, { offset }) => offset === undefined,
        'Value error, cursor and offset exclude each other',
      ),
      Check<unknown, PageRequest>(
        'value_error',
        // A wrong sort order is an issue of `sort`.
        (cursor, { sort }) => Array.isArray(cursor) || !(sort instanceof SortOrder),
        'Value error, not a cursor of this list in this order',
      ),
    ],
  );
}

const OPTIONAL = { optional: true };
