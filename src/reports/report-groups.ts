import { nameKey } from '../platform/database/name-key.js';
import { forEachInTurns, mapInTurns, sortInTurns } from '../platform/lists/in-turns.js';
import type { GroupColumns } from './dto/report-response.dto.js';
import { MovementReason } from '../ledger/movement-reason.js';

/** What the rows of a report can be grouped by. */
export type Group = 'day' | 'hour' | 'reason' | 'item' | 'category' | 'user';

/** What the database groups by; null where it is not asked for, or not known. */
export interface Keys {
  /** A trading day, `2026-03-01`. */
  day: string | null;
  /** Of the shop's clock, 0 to 23. */
  hour: number | null;
  reason: MovementReason | null;
  item_id: number | null;
  /** Of today. Null for a deleted item. */
  category_id: number | null;
  user_id: number | null;
}

/** The names of what {@link Keys} refer to, by id. */
export interface Names {
  items: Map<number, { name: string; sku: string | null }>;
  categories: Map<number, { name: string }>;
  users: Map<number, { name: string }>;
}

/** The fields that the groups add to a row. */
export type GroupFields = Partial<GroupColumns>;

/** The columns of each group, in order. */
export const GROUP_COLUMNS: Record<Group, (keyof GroupColumns)[]> = {
  day: ['day'],
  hour: ['hour'],
  reason: ['reason'],
  item: ['item_id', 'item_name', 'sku'],
  category: ['category_id', 'category_name'],
  user: ['user_id', 'username'],
};

const REASONS = Object.values(MovementReason);

/** Sums of one kind of figures, for each combination of keys. */
export class GroupedSums<Figures extends Record<string, number>> {
  readonly totals: Figures;
  /** Whether a JSON number holds every sum exactly. */
  isExact = true;
  private readonly rows = new Map<string, { keys: Keys; figures: Figures }>();

  /**
   * @param groups that are asked for; all other keys are dropped
   * @param nothing figures that are all 0
   */
  constructor(
    private readonly groups: readonly Group[],
    private readonly nothing: Figures,
  ) {
    this.totals = { ...nothing };
  }

  get size(): number {
    return this.rows.size;
  }

  add(keys: Keys, figures: Partial<Figures>): void {
    const id = JSON.stringify(this.groups.map((group) => keyOf(group, keys)));
    let row = this.rows.get(id);
    if (!row) this.rows.set(id, (row = { keys, figures: { ...this.nothing } }));
    for (const sums of [row.figures, this.totals] as Record<string, number>[]) {
      for (const [name, value] of Object.entries(figures)) {
        const sum = (sums[name] as number) + (value as number);
        sums[name] = sum;
        this.isExact &&= Number.isSafeInteger(sum);
      }
    }
  }

  /** The ids that the rows refer to, each once. */
  async idsOf(key: 'item_id' | 'category_id' | 'user_id'): Promise<number[]> {
    const ids = new Set<number>();
    await forEachInTurns([...this.rows.values()], ({ keys }) => {
      if (keys[key] !== null) ids.add(keys[key]);
    });
    return [...ids];
  }

  /** Sorted by the groups in the order in which they were asked for: names as lists are, times and reasons by their own order. */
  async named(names: Names): Promise<{ fields: GroupFields; figures: Figures }[]> {
    const named = await mapInTurns([...this.rows.values()], ({ keys, figures }) => {
      const fields = this.fieldsOf(keys, names);
      return { fields, figures, sortKey: this.sortKeyOf(fields) };
    });
    return sortInTurns(named, (one, other) => compare(one.sortKey, other.sortKey));
  }

  private fieldsOf(keys: Keys, names: Names): GroupFields {
    return Object.assign({}, ...this.groups.map((group) => fieldsOf(group, keys, names))) as GroupFields;
  }

  private sortKeyOf(fields: GroupFields): (string | number)[] {
    return this.groups.flatMap((group) => sortKeyOf(group, fields));
  }
}

function keyOf(group: Group, keys: Keys): string | number | null {
  switch (group) {
    case 'item':
      return keys.item_id;
    case 'category':
      return keys.category_id;
    case 'user':
      return keys.user_id;
    default:
      return keys[group];
  }
}

function fieldsOf(group: Group, keys: Keys, { items, categories, users }: Names): GroupFields {
  switch (group) {
    case 'item': {
      const { name = null, sku = null } = items.get(keys.item_id ?? 0) ?? {};
      return { item_id: keys.item_id as number, item_name: name, sku };
    }
    case 'category':
      return {
        category_id: keys.category_id,
        category_name: categories.get(keys.category_id ?? 0)?.name ?? null,
      };
    case 'user':
      return { user_id: keys.user_id as number, username: users.get(keys.user_id ?? 0)?.name };
    default:
      return { [group]: keys[group] };
  }
}

/** What has no name comes last. */
function sortKeyOf(group: Group, fields: GroupFields): (string | number)[] {
  switch (group) {
    case 'item':
      return namedKey(fields.item_name, fields.item_id);
    case 'category':
      return namedKey(fields.category_name, fields.category_id);
    case 'user':
      return namedKey(fields.username, fields.user_id);
    case 'reason':
      return [REASONS.indexOf(fields.reason as MovementReason)];
    default:
      return [fields[group] ?? ''];
  }
}

function namedKey(name: string | null | undefined, id: number | null | undefined): (string | number)[] {
  return [name ? 0 : 1, nameKey(name ?? ''), id ?? 0];
}

function compare(one: (string | number)[], other: (string | number)[]): number {
  const index = one.findIndex((value, place) => value !== other[place]);
  if (index < 0) return 0;
  return (one[index] as string | number) < (other[index] as string | number) ? -1 : 1;
}
