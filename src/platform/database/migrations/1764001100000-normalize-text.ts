import { domainToASCII, domainToUnicode } from 'node:url';
import { Logger } from '@nestjs/common';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dialectOf } from './dialect.js';

/** Rows that are read and written at once. */
const BATCH_SIZE = 2000;

/** The id of a row, and some of its values. */
type Row = { id: number } & Record<string, string | number | boolean | null>;
type Changes = Record<string, string | null>;

/**
 * Brings names, SKUs and e-mail addresses into the one form of all that looks the same. Names get keys that sort numbers by
 * their value, and items a second key to be searched by.
 *
 * Where two rows clash then, the one that had the form already keeps it, else the older one does. The other one gets a
 * number behind its name or SKU. Of two users, the other one keeps the address as it was, and logs in by the username. The
 * log names each of them.
 */
export class NormalizeText1764001100000 implements MigrationInterface {
  private readonly logger = new Logger('Database');

  async up(queryRunner: QueryRunner): Promise<void> {
    await dropSearchIndex(queryRunner, 'name_key');
    const { binaryOrder } = dialectOf(queryRunner);
    await queryRunner.query(
      `alter table "items" add column "search_key" varchar(2000) ${binaryOrder} not null default ''`,
    );
    const now = await timeOf(queryRunner);
    await this.rewriteCategories(queryRunner, now);
    await this.rewriteItems(queryRunner, now);
    await this.rewriteUsers(queryRunner, now);
    await createSearchIndex(queryRunner, 'search_key');
  }

  /** Text stays in its form. Names are sorted by their search keys, which are the nearest to the keys of before. */
  async down(queryRunner: QueryRunner): Promise<void> {
    await dropSearchIndex(queryRunner, 'search_key');
    await queryRunner.query('update "items" set name_key = search_key');
    await rewrite(queryRunner, 'categories', ['name', 'name_key'], (row) => ({
      name_key: searchKey(row.name as string),
    }));
    await queryRunner.query('alter table "items" drop column "search_key"');
    await createSearchIndex(queryRunner, 'name_key');
  }

  private async rewriteCategories(queryRunner: QueryRunner, now: string): Promise<void> {
    const names = await UniqueTexts.read(queryRunner, 'categories', 'name', 100);
    await rewrite(queryRunner, 'categories', ['name', 'name_key', 'updated_at'], (row) => {
      const name = names.claim(row.name as string, `Category ${row.id}`) as string;
      this.tellOf('Category', row, 'name', name);
      return { name, name_key: nameKey(name), ...(name !== row.name && { updated_at: now }) };
    });
  }

  private async rewriteItems(queryRunner: QueryRunner, now: string): Promise<void> {
    const skus = await UniqueTexts.read(queryRunner, 'items', 'sku', 50);
    await rewrite(queryRunner, 'items', ['name', 'name_key', 'search_key', 'sku', 'updated_at'], (row) => {
      const name = fitted(row.name as string, 200) || `Item ${row.id}`;
      const sku = row.sku === null ? null : skus.claim(row.sku as string, null);
      this.tellOf('Item', row, 'name', name);
      this.tellOf('Item', row, 'sku', sku);
      const isChanged = name !== row.name || sku !== row.sku;
      const keys = { name_key: nameKey(name), search_key: searchKey(name) };
      return { name, sku, ...keys, ...(isChanged && { updated_at: now }) };
    });
  }

  private async rewriteUsers(queryRunner: QueryRunner, now: string): Promise<void> {
    const taken = new Set<unknown>();
    for await (const users of batches(queryRunner, 'users', ['email', 'is_deleted'])) {
      for (const { email, is_deleted } of users) if (!is_deleted) taken.add(email);
    }
    await rewrite(queryRunner, 'users', ['email', 'is_deleted', 'updated_at'], (row): Changes => {
      const email = normalizeEmail(row.email as string);
      if (email === row.email || email.length > 254) return {};
      if (!row.is_deleted && taken.has(email)) {
        this.logger.warn(
          `User ${row.id} keeps an e-mail address that is another user's by now, and logs in by username`,
        );
        return {};
      }
      if (!row.is_deleted) taken.add(email);
      return { email, updated_at: now };
    });
  }

  /** Says in the log that people will find a row under another text than the one they see. */
  private tellOf(kind: string, row: Row, column: string, text: string | null): void {
    const before = row[column];
    if (before === null || text === normalizeLine(before as string)) return;
    this.logger.warn(
      `${kind} ${row.id}: the ${column} ${JSON.stringify(before)} is now ${JSON.stringify(text)}`,
    );
  }
}

/** Texts of a column of which no two are to be the same. */
class UniqueTexts {
  private constructor(
    private readonly length: number,
    private readonly taken: Set<string>,
  ) {}

  static async read(
    queryRunner: QueryRunner,
    table: string,
    column: string,
    length: number,
  ): Promise<UniqueTexts> {
    const taken = new Set<string>();
    for await (const rows of batches(queryRunner, table, [column])) {
      for (const { [column]: text } of rows) if (typeof text === 'string') taken.add(text);
    }
    return new UniqueTexts(length, taken);
  }

  /** The form of a text, or what stands for text that nobody sees, with a number behind it where another row has it. */
  claim(text: string, invisible: string | null): string | null {
    const line = fitted(text, this.length) || invisible;
    if (line === null || line === text) return line;
    let claimed = line;
    for (let number = 2; this.taken.has(claimed); number++) {
      const suffix = ` (${number})`;
      claimed = fitted(line, this.length - suffix.length) + suffix;
    }
    this.taken.add(claimed);
    return claimed;
  }
}

/** The form of a text, cut to so many characters: a form may be longer than its text. */
function fitted(text: string, length: number): string {
  const line = normalizeLine(text);
  const characters = [...line];
  return characters.length <= length ? line : normalizeLine(characters.slice(0, length).join(''));
}

/** The database's clock, by which all other rows have their times. */
async function timeOf(queryRunner: QueryRunner): Promise<string> {
  const now = isPostgres(queryRunner)
    ? `to_char(clock_timestamp() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
    : `strftime('%Y-%m-%dT%H:%M:%fZ', 'now')`;
  const [row] = (await queryRunner.query(`select ${now} as now`)) as [{ now: string }];
  return row.now;
}

async function* batches(queryRunner: QueryRunner, table: string, columns: string[]): AsyncGenerator<Row[]> {
  let last = 0;
  for (;;) {
    const rows = (await queryRunner.query(
      `select id, ${columns.join(', ')} from "${table}" where id > ${last} order by id limit ${BATCH_SIZE}`,
    )) as Row[];
    if (rows.length === 0) return;
    yield rows;
    last = rows.at(-1)?.id ?? last;
  }
}

/** Writes the changes that there are for the rows of a table, those of a batch in one statement. */
async function rewrite(
  queryRunner: QueryRunner,
  table: string,
  columns: string[],
  changesOf: (row: Row) => Changes,
): Promise<void> {
  const texts = columns.filter((column) => column !== 'is_deleted');
  const statement = isPostgres(queryRunner)
    ? `update "${table}" set ${texts.map((column) => `${column} = new.${column}`).join(', ')}
       from json_to_recordset($1::json) as new (id integer, ${texts.map((column) => `${column} text`).join(', ')})
       where "${table}".id = new.id`
    : `update "${table}" set ${texts.map((column) => `${column} = new.value ->> '${column}'`).join(', ')}
       from json_each(?) as new where "${table}".id = new.value ->> 'id'`;
  for await (const rows of batches(queryRunner, table, columns)) {
    const changed = rows
      .map((row) => ({ row, changes: changesOf(row) }))
      .filter(({ row, changes }) => Object.keys(changes).some((column) => changes[column] !== row[column]))
      .map(({ row, changes }) => ({ ...row, ...changes }));
    if (changed.length > 0) await queryRunner.query(statement, [JSON.stringify(changed)]);
  }
}

async function dropSearchIndex(queryRunner: QueryRunner, key: string): Promise<void> {
  if (isPostgres(queryRunner)) {
    await queryRunner.query(`drop index "ix_items_${key}_trigrams"`);
    return;
  }
  for (const event of ['insert', 'update', 'delete']) {
    await queryRunner.query(`drop trigger "tr_items_${event}_name"`);
  }
  await queryRunner.query('drop table "item_names"');
}

/** As IndexItemNames has it, of one of the keys. */
async function createSearchIndex(queryRunner: QueryRunner, key: string): Promise<void> {
  if (isPostgres(queryRunner)) {
    await queryRunner.query(
      `create index "ix_items_${key}_trigrams" on "items" using gin ("${key}" gin_trgm_ops)`,
    );
    return;
  }
  await queryRunner.query(`
    create virtual table "item_names" using fts5 (
      ${key}, content = 'items', content_rowid = 'id', tokenize = 'trigram case_sensitive 1', detail = 'none'
    )`);
  const remove = `insert into item_names (item_names, rowid, ${key}) values ('delete', old.id, old.${key});`;
  const add = `insert into item_names (rowid, ${key}) values (new.id, new.${key});`;
  await queryRunner.query(`create trigger "tr_items_insert_name" after insert on "items" begin ${add} end`);
  await queryRunner.query(
    `create trigger "tr_items_update_name" after update of ${key} on "items" begin ${remove} ${add} end`,
  );
  await queryRunner.query(
    `create trigger "tr_items_delete_name" after delete on "items" begin ${remove} end`,
  );
  await queryRunner.query(`insert into item_names (item_names) values ('rebuild')`);
}

function isPostgres(queryRunner: QueryRunner): boolean {
  return queryRunner.dataSource.options.type === 'postgres';
}

/*
 * The forms of text as they are when this migration is released: copies of src/common/text.ts, src/common/login-name.ts and
 * src/database/name-key.ts, which say why each rule is there. They are never changed. Whoever changes one of those writes a
 * migration that brings what is stored into the new form.
 */

const INVISIBLE =
  '(?![\\p{White_Space}\\u200C\\u200D])[\\p{Default_Ignorable_Code_Point}\\p{Cc}\\uFFF9-\\uFFFB]';

const PICTURE =
  '\\p{Extended_Pictographic}(?:\\p{Emoji_Modifier}|[\\uFE0E\\uFE0F])?(?:[\\u{E0020}-\\u{E007E}]+\\u{E007F})?';
const EMOJI = `${PICTURE}(?:\\u200D${PICTURE})*|[0-9#*]\\uFE0F\\u20E3`;

const JOINS_BOTH =
  '[\\u0620\\u0626\\u0628\\u062A-\\u062E\\u0633-\\u063F\\u0641-\\u0647\\u0649\\u064A\\u066E\\u066F\\u0678-\\u0687' +
  '\\u069A-\\u06BF\\u06C1\\u06C2\\u06CC\\u06CE\\u06D0\\u06D1\\u06FA-\\u06FC\\u06FF\\u0750-\\u0758\\u075C-\\u076A' +
  '\\u076D-\\u0770\\u0772\\u0775-\\u0777\\u077A-\\u077F\\u0886\\u0889-\\u088D\\u08A0-\\u08A9\\u08AF\\u08B0' +
  '\\u08B3-\\u08B8\\u08BA-\\u08C8]';
const JOINS_BEFORE = '(?![\\u0621\\u0674\\u06E5\\u06E6\\u0887\\u08AD\\u08C9])(?=\\p{Script=Arabic})\\p{L}';
const VIRAMA = '[\\u094D\\u09CD\\u0A4D\\u0ACD\\u0B4D\\u0BCD\\u0C4D\\u0CCD\\u0D4D\\u0DCA]';

const JOINER =
  `\\u200C(?:(?<=${VIRAMA}.)(?=\\p{L})|(?<=${JOINS_BOTH}\\p{Mn}*.)(?=\\p{Mn}*${JOINS_BEFORE}))|` +
  `\\u200D(?:(?<=${VIRAMA}.)|(?<=\\p{L}.)(?=${VIRAMA})|(?<=${JOINS_BOTH}\\p{Mn}*.)(?!\\p{Mn}*(?:${JOINS_BEFORE}|[\\u200C\\u200D])))`;

const EMOJI_OR_INVISIBLE = new RegExp(`(${EMOJI})|${INVISIBLE}`, 'gu');
const EMOJI_OR_JOINER = new RegExp(`(${EMOJI})|(${JOINER})|[\\u200C\\u200D]`, 'gu');
const SPACES = /[\p{White_Space}\u2800]+/gu;
const HYPHENS = /[\u2010\u2011]/g;
const NOTHING_BUT_MARKS = /^[\p{M}\p{White_Space}\u2800]*$/u;
const PLAIN_LINE = /^[!-~]+(?: [!-~]+)*$/;

export function normalizeLine(text: string): string {
  if (PLAIN_LINE.test(text)) return text;
  const line = withoutInvisible(text).replace(HYPHENS, '-').replace(SPACES, ' ').trim();
  return NOTHING_BUT_MARKS.test(line) ? '' : line;
}

function withoutInvisible(text: string): string {
  return text
    .normalize('NFC')
    .replace(EMOJI_OR_INVISIBLE, (_, emoji?: string) => emoji ?? '')
    .replace(EMOJI_OR_JOINER, (_, emoji?: string, joiner?: string) =>
      emoji === undefined ? (joiner ?? '') : qualified(emoji),
    )
    .normalize('NFC');
}

function qualified(emoji: string): string {
  const pictures = emoji.split('\u200D');
  return pictures
    .map((picture) => {
      if (/^\p{Emoji_Presentation}/u.test(picture)) return picture.replace('\uFE0F', '');
      return pictures.length > 1 && /^.$/u.test(picture) ? `${picture}\uFE0F` : picture;
    })
    .join('\u200D');
}

const PLAIN_LETTERS: Record<string, string> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ħ: 'h',
  ı: 'i',
  ł: 'l',
  ŧ: 't',
  þ: 'th',
  ς: 'σ',
  ى: 'ي',
  ی: 'ي',
  ک: 'ك',
  ٱ: 'ا',
  ة: 'ه',
  ە: 'ه',
  ہ: 'ه',
  ۃ: 'ه',
};

const PLAIN_SIGNS: [RegExp, string][] = [
  [/['`´’‘‛ʼʻʹˈ′‵＇\u1ffd\u1fef]/g, "'"],
  [/[“”„‟″〃＂]/g, '"'],
  [/[\p{Pd}−⁃˗]/gu, '-'],
  [/[×✕✖⨯]/g, 'x'],
];

const FRACTION_BEHIND_DIGIT = /(?<=\p{Nd})(?=[¼-¾⅐-⅞↉])/gu;

const CYRILLIC_LETTERS = /[иу]\u0306|і\u0308|[гк]\u0301/g;

const OPTIONAL_MARKS = new RegExp(
  '[\\u0300-\\u036F\\u1AB0-\\u1AFF\\u1DC0-\\u1DFF\\u20D0-\\u20FF\\uFE20-\\uFE2F' +
    '\\u0483-\\u0489\\u2DE0-\\u2DFF\\uA66F-\\uA672\\uA674-\\uA67D\\uA69E\\uA69F' +
    '\\u0591-\\u05BD\\u05BF\\u05C1\\u05C2\\u05C4\\u05C5\\u05C7' +
    '\\u0610-\\u061A\\u0640\\u064B-\\u065F\\u0670\\u06D6-\\u06DC\\u06DF-\\u06E4\\u06E7\\u06E8\\u06EA-\\u06ED\\u08CA-\\u08E1\\u08E3-\\u08FF]',
  'g',
);

const KEY_INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Cc}]/gu;
const KEY_SPACES = /\p{White_Space}+/gu;
const FOREIGN_DIGIT = /(?![0-9])\p{Nd}/gu;
const SPECIAL_LETTER = new RegExp(`[${Object.keys(PLAIN_LETTERS).join('')}]`, 'g');

const LONGEST_KEY = 800;

export function searchKey(name: string): string {
  const decomposed = withPlainSigns(name.replace(FRACTION_BEHIND_DIGIT, ' ')).normalize('NFKD');
  return withPlainSigns(decomposed)
    .toLowerCase()
    .replace(KEY_INVISIBLE, (character) => (/\s/.test(character) ? ' ' : ''))
    .replace(CYRILLIC_LETTERS, (letter) => letter.normalize('NFC'))
    .replace(OPTIONAL_MARKS, '')
    .replace(SPECIAL_LETTER, (letter) => PLAIN_LETTERS[letter] ?? letter)
    .replaceAll('\u2044', '/')
    .replace(FOREIGN_DIGIT, digitOf)
    .replace(KEY_SPACES, ' ')
    .normalize('NFC')
    .slice(0, LONGEST_KEY)
    .toWellFormed();
}

export function nameKey(name: string): string {
  return searchKey(name)
    .replace(/[0-9]+/g, sortableNumber)
    .slice(0, LONGEST_KEY)
    .toWellFormed();
}

function withPlainSigns(text: string): string {
  return PLAIN_SIGNS.reduce((plain, [sign, plainSign]) => plain.replace(sign, plainSign), text);
}

function sortableNumber(number: string): string {
  const digits = number.replace(/^0+(?=.)/, '');
  const { length } = digits;
  return `${length < 9 ? length : `9${String(length).padStart(4, '0')}`}${digits}`;
}

function digitOf(digit: string): string {
  const codePoint = digit.codePointAt(0) ?? 0;
  let zero = codePoint;
  while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero--;
  return String((codePoint - zero) % 10);
}

const ANY_I = /[iIİı]\u0307*/g;
const DOTTED_I = /[iI]\u0307+|İ\u0307*/g;
const ASCII = /^[\x21-\x7e]*$/;

export function normalizeEmail(address: string): string {
  const at = address.lastIndexOf('@');
  if (at < 0) return lowerCase(address);
  const [local, domain] = [address.slice(0, at), address.slice(at + 1)];
  return `${lowerCase(local)}@${normalizeDomain(domain)}`;
}

function normalizeDomain(domain: string): string {
  const lowered = lowerCaseLabels(domain);
  if (!/^[\p{L}\p{M}\p{N}.-]+$/u.test(lowered)) return lowered;
  const ascii = domainToASCII(lowered);
  const readable = domainToUnicode(ascii);
  const isStable = domainToASCII(readable) === ascii && lowerCaseLabels(readable) === readable;
  return ascii !== '' && isStable ? readable : lowered;
}

function lowerCaseLabels(domain: string): string {
  return domain
    .split(/[.\u3002\uff0e\uff61]/)
    .map(lowerCase)
    .join('.');
}

function lowerCase(text: string): string {
  const composed = text.normalize('NFC');
  const folded = composed.replace(ANY_I, 'i').toLowerCase();
  return ASCII.test(folded) ? folded : composed.replace(DOTTED_I, 'i').toLowerCase().normalize('NFC');
}
