import { Field } from '../validation/fields.js';
import { integer, oneOf, type Parser } from '../validation/conversions.js';
import { Problem } from '../validation/validation-issue.js';
import { decodeCursor } from './cursor.js';
import type { SortOrder, SortOrders, Position } from './sort-order.js';

export const MAX_PAGE_SIZE = 500;
const MAX_OFFSET = 2 ** 31 - 1;

const FOREIGN_CURSOR = new Problem('value_error', 'Value error, not a cursor of this list in this order');
const CURSOR_AND_OFFSET = new Problem('value_error', 'Value error, cursor and offset exclude each other');

/** How to read a list: the sort order, and the page; the whole list when no page is given. */
export interface PageRequest {
  sort: SortOrder;
  limit?: number;
  /** The page begins after the row at this position. */
  cursor?: Position;
  /** The page begins after this number of rows. */
  offset?: number;
}

/**
 * The query parameters for pages and sort orders of a list.
 *
 * @param options limit: the default page size of a list that is never returned whole
 */
export function PageQuery(orders: SortOrders, options: { limit?: number } = {}): new () => PageRequest {
  const defaultOrder = orders.values().next().value as SortOrder;

  class Query implements PageRequest {
    @SortField(orders)
    sort = defaultOrder;

    @LimitField(options.limit)
    limit = options.limit;

    @CursorField(orders)
    cursor?: Position;

    @OffsetField()
    offset?: number;
  }
  return Query;
}

function SortField(orders: SortOrders): PropertyDecorator {
  const names = [...orders.keys()];
  return Field(parseOrder(orders), OPTIONAL, {
    type: 'string',
    enum: names,
    default: names[0],
    description:
      'What the list is sorted by; descending with a minus before it. A missing value counts as empty.',
  });
}

function LimitField(limit?: number): PropertyDecorator {
  return Field(integer({ min: 1, max: MAX_PAGE_SIZE }), OPTIONAL, {
    type: 'integer',
    minimum: 1,
    maximum: MAX_PAGE_SIZE,
    default: limit,
    description:
      'Answers one page of at most so many. `Link` then names the next page, if there is one, and `X-Total-Count` says how many there are in all.',
  });
}

/** Where a page begins, taken from the `Link` of the page before. */
function CursorField(orders: SortOrders): PropertyDecorator {
  const parse: Parser<Position> = (value, { sort, offset } = {}) => {
    if (offset !== undefined) return CURSOR_AND_OFFSET;
    const order = parseOrder(orders)(sort ?? orders.keys().next().value);
    // A wrong sort order is an issue of `sort`.
    if (order instanceof Problem) return [];
    return (typeof value === 'string' ? decodeCursor(value, order) : undefined) ?? FOREIGN_CURSOR;
  };
  return Field(parse, OPTIONAL, {
    type: 'string',
    description:
      'Where the page begins: taken from the `Link` of the page before. Rows that come and go do not shift the pages.',
  });
}

function OffsetField(): PropertyDecorator {
  return Field(integer({ min: 0, max: MAX_OFFSET }), OPTIONAL, {
    type: 'integer',
    minimum: 0,
    description:
      'How many to leave out before the page begins. It takes the longer the more they are: better use `cursor`.',
  });
}

const OPTIONAL = { optional: true };

function parseOrder(orders: SortOrders): Parser<SortOrder> {
  const parseName = oneOf(Object.fromEntries([...orders.keys()].map((name) => [name, name])));
  return (value) => {
    const name = parseName(value);
    return name instanceof Problem ? name : (orders.get(name) as SortOrder);
  };
}
