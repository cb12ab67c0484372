/** A value in a template. A fragment becomes part of the SQL text, everything else a parameter. */
export type SqlValue = string | number | boolean | null | SqlFragment;

export class SqlFragment {
  constructor(
    readonly strings: readonly string[],
    readonly values: readonly SqlValue[],
  ) {}
}

/** A piece whose text does not depend on what was asked for. */
export class FixedFragment extends SqlFragment {}

/** A piece of SQL to put into a statement: sql`where category_id = ${id}`. */
export function sql(strings: TemplateStringsArray, ...values: SqlValue[]): SqlFragment {
  return new SqlFragment(strings, values);
}

export function commaSeparated(fragments: SqlFragment[]): SqlFragment {
  return new SqlFragment(['', ...fragments.slice(1).map(() => ', '), ''], fragments);
}

/** All of the conditions, joined by `and`. Undefined ones are left out; undefined when none is left. */
export function allOf(...conditions: (SqlFragment | undefined)[]): SqlFragment | undefined {
  return conditions.reduce((all, one) => (all && one ? sql`${all} and ${one}` : (all ?? one)), undefined);
}

/** The conditions in parentheses, joined by `or`. */
export function anyOf(conditions: SqlFragment[]): SqlFragment {
  return new SqlFragment(['(', ...conditions.slice(1).map(() => ' or '), ')'], conditions);
}

/** The name of a table or column. It comes from our own schema and never from a request. */
export function identifier(name: string): SqlFragment {
  return new SqlFragment([`"${name.replaceAll('"', '""')}"`], []);
}

/** The text and the parameters of a fragment, as the driver of this dialect takes them. */
export function render(
  fragment: SqlFragment,
  dialect: { placeholder: (position: number) => string },
): { text: string; parameters: (string | number | boolean | null)[] } {
  const parameters: (string | number | boolean | null)[] = [];
  const write = ({ strings, values }: SqlFragment): string => {
    let text = strings[0] ?? '';
    values.forEach((value, index) => {
      text += value instanceof SqlFragment ? write(value) : dialect.placeholder(parameters.push(value));
      text += strings[index + 1] ?? '';
    });
    return text;
  };
  return { text: write(fragment), parameters };
}
