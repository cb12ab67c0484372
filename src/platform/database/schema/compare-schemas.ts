import type { SchemaObject } from './read-schema.js';

/** The table whose rows nothing may change or delete. */
const LEDGER = 'stock_movements';

/** An index that only makes reads faster: of plain columns, and not unique. */
const PLAIN_INDEX = /^create index [^()]*\([^()]*\)$/i;

/** What a database has that the migrations do not make, or the other way round. */
export interface SchemaDifference {
  /** One clause, to be read by an operator: "trigger x on items is missing". */
  text: string;
  /** The ledger is not guarded any more: its rows may be changed, or be wrong. */
  isGuard: boolean;
  /** It changes nothing of what a statement does. */
  isHarmless: boolean;
}

/** Every difference, those of the ledger's guards first. */
export function compareSchemas(actual: SchemaObject[], expected: SchemaObject[]): SchemaDifference[] {
  const expectedByName = new Map(expected.map((object) => [keyOf(object), object]));
  const actualByName = new Map(actual.map((object) => [keyOf(object), object]));
  const isGuard = guardsOf(expected);
  const differences: SchemaDifference[] = [];
  for (const [key, object] of expectedByName) {
    const found = actualByName.get(key);
    if (!found) {
      differences.push({
        text: `${nameOf(object)} is missing`,
        isGuard: isGuard(object),
        isHarmless: false,
      });
      continue;
    }
    const [has, should] = [normalize(found.definition), normalize(object.definition)];
    if (has === should) continue;
    const text = `${nameOf(object)} is another one: ${excerpt(has, should)} instead of ${excerpt(should, has)}`;
    differences.push({ text, isGuard: isGuard(object), isHarmless: false });
  }
  for (const [key, object] of actualByName) {
    if (expectedByName.has(key)) continue;
    differences.push({
      text: `${nameOf(object)} is not of this program`,
      isGuard: object.kind === 'setting',
      isHarmless:
        object.kind === 'statistics' || (object.kind === 'index' && PLAIN_INDEX.test(object.definition)),
    });
  }
  return differences.sort((one, other) => Number(other.isGuard) - Number(one.isGuard));
}

/** @returns all in one text that is equal for equal schemas, whatever the order in which they were read */
export function canonicalText(schema: SchemaObject[]): string {
  return schema
    .map((object) => `${keyOf(object)} ${normalize(object.definition)}`)
    .sort()
    .join('\n');
}

/** Triggers, constraints and unique indexes of the ledger, and the functions that its triggers call. */
function guardsOf(expected: SchemaObject[]): (object: SchemaObject) => boolean {
  const triggers = expected.filter(({ kind, table }) => kind === 'trigger' && table === LEDGER);
  return ({ kind, table, name, definition }) => {
    if (kind === 'function') return triggers.some((trigger) => trigger.definition.includes(name));
    if (table !== LEDGER) return false;
    // SQLite keeps a table's constraints in the statement that made it.
    if (kind === 'table') return /^create/i.test(definition);
    return kind === 'trigger' || kind === 'constraint' || (kind === 'index' && /unique/i.test(definition));
  };
}

function keyOf({ kind, table, name }: SchemaObject): string {
  return JSON.stringify([kind, table, name]);
}

function nameOf({ kind, table, name }: SchemaObject): string {
  return table === name || kind === 'function' ? `${kind} ${name}` : `${kind} ${name} on ${table}`;
}

/**
 * White space is written in one way, and PostgreSQL's casts between its two types of text are left out: a check reads
 * `ARRAY['a'::character varying]::text[]` until it is dumped and restored, and `ARRAY['a'::character varying::text]` from then on.
 * In a text between quotes every character counts.
 */
function normalize(definition: string): string {
  return definition.replaceAll(
    /'(?:[^']|'')*'|"(?:[^"]|"")*"|::(?:character varying|text)\b(?!\()(?:\[\])?|\s+/g,
    (part) => (part.startsWith('::') ? '' : /^\s/.test(part) ? ' ' : part),
  );
}

/** The words around the place where two texts begin to differ. */
function excerpt(text: string, other: string): string {
  let index = 0;
  while (index < text.length && text[index] === other[index]) index++;
  const start = text.lastIndexOf(' ', index - 1) + 1;
  const part = text.slice(start, start + 60).trim();
  return part === '' ? 'nothing' : `"${part}"`;
}
