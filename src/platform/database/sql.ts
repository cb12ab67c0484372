/** What SQL takes for a value. A fragment is spliced in as SQL, everything else travels beside it as a parameter. */
export type SqlValue = string | number | boolean | null | SqlFragment;

export class SqlFragment {
  constructor(
    readonly strings: readonly string[],
    readonly values: readonly SqlValue[],
  ) {}
}

/** A piece of SQL to be spliced into a statement: sql`where category_id = ${id}`. */
export function sql(strings: TemplateStringsArray, ...values: SqlValue[]): SqlFragment {
  return new SqlFragment(strings, values);
}

/** A list of fragments with commas between them. */
export function commaSeparated(fragments: SqlFragment[]): SqlFragment {
  return new SqlFragment(['', ...fragments.slice(1).map(() => ', '), ''], fragments);
}

/** Conditions that are all to hold; those left undefined don't count, and none is undefined. */
export function allOf(...conditions: (SqlFragment | undefined)[]): SqlFragment | undefined {
  return conditions.reduce((all, one) => (all && one ? sql`${all} and ${one}` : (all ?? one)), undefined);
}

/** Conditions of which one is to hold. */
export function anyOf(conditions: SqlFragment[]): SqlFragment {
  return new SqlFragment(['(', ...conditions.slice(1).map(() => ' or '), ')'], conditions);
}

/** The name of a table or column, from our own schema and never from a request. */
export function identifier(name: string): SqlFragment {
  return new SqlFragment([`"${name.replaceAll('"', '""')}"`], []);
}

/**
 * Writes a fragment out as the text and the parameters that a driver takes.
 *
 * @param engine whose way of naming parameters to follow: `?` on SQLite, `$1`, `$2` … on PostgreSQL.
 */
export function render(
  fragment: SqlFragment,
  engine: { isSqlite: boolean },
): { text: string; parameters: (string | number | boolean | null)[] } {
  const parameters: (string | number | boolean | null)[] = [];
  const placeholder = (position: number): string => (engine.isSqlite ? '?' : `$${position}`);
  const write = ({ strings, values }: SqlFragment): string => {
    let text = strings[0] ?? '';
    values.forEach((value, index) => {
      text += value instanceof SqlFragment ? write(value) : placeholder(parameters.push(value));
      text += strings[index + 1] ?? '';
    });
    return text;
  };
  return { text: write(fragment), parameters };
}
