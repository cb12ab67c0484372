/** Letters that carry their stroke or ligature as part of themselves, and letters that are typed for each other. */
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
  // Arabic, Persian and Urdu keyboards have their own yeh, kaf and heh. NFKD takes the hamza off its carrier.
  ى: 'ي',
  ی: 'ي',
  ک: 'ك',
  ٱ: 'ا',
  ة: 'ه',
  ە: 'ه',
  ہ: 'ه',
  ۃ: 'ه',
};

/** Signs that keyboards and word processors put in each other's place; none of them begins or ends a letter. */
const PLAIN_SIGNS: [RegExp, string][] = [
  [/['`´’‘‛ʼʻʹˈ′‵＇\u1ffd\u1fef]/g, "'"],
  [/[“”„‟″〃＂]/g, '"'],
  [/[\p{Pd}−⁃˗]/gu, '-'],
  [/[×✕✖⨯]/g, 'x'],
];

/** `1½` is one and a half, not eleven halves. */
const FRACTION_BEHIND_DIGIT = /(?<=\p{Nd})(?=[¼-¾⅐-⅞↉])/gu;

/** Letters of Cyrillic alphabets that NFKD takes apart. The mark of ё may be left out, theirs may not. */
const CYRILLIC_LETTERS = /[иу]\u0306|і\u0308|[гк]\u0301/g;

/**
 * Marks that people leave out: of Latin, Greek and Cyrillic letters, the points of Hebrew, and the vowels of Arabic with the
 * line that stretches its words. In other scripts (Devanagari, Thai, kana …) marks are letters and stay.
 *
 * Whole blocks, not properties, so that no other version of Unicode leads to another key.
 */
const OPTIONAL_MARKS = new RegExp(
  '[\\u0300-\\u036F\\u1AB0-\\u1AFF\\u1DC0-\\u1DFF\\u20D0-\\u20FF\\uFE20-\\uFE2F' +
    '\\u0483-\\u0489\\u2DE0-\\u2DFF\\uA66F-\\uA672\\uA674-\\uA67D\\uA69E\\uA69F' +
    '\\u0591-\\u05BD\\u05BF\\u05C1\\u05C2\\u05C4\\u05C5\\u05C7' +
    '\\u0610-\\u061A\\u0640\\u064B-\\u065F\\u0670\\u06D6-\\u06DC\\u06DF-\\u06E4\\u06E7\\u06E8\\u06EA-\\u06ED\\u08CA-\\u08E1\\u08E3-\\u08FF]',
  'g',
);

const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Cc}]/gu;
const SPACES = /\p{White_Space}+/gu;
const FOREIGN_DIGIT = /(?![0-9])\p{Nd}/gu;
const SPECIAL_LETTER = new RegExp(`[${Object.keys(PLAIN_LETTERS).join('')}]`, 'g');

/**
 * The longest key, in UTF-16 units. PostgreSQL's index takes 2704 bytes, three a unit at the most; four units a character
 * are enough for every name that isn't made of ligatures, of which one may stand for eighteen letters.
 */
const MAX_KEY_LENGTH = 800;

/**
 * The form of a name in which parts of it are searched for, the same for all ways to type it: compatibility decomposition
 * (NFKD, Unicode Annex 15) in lower case, without optional marks, with one sign and one digit for all that stand for the same.
 * `Crème Brûlée` becomes `creme brulee`, `½` `1/2`.
 */
export function searchKey(name: string): string {
  // NFKD takes some signs apart (´) and makes others (⁻).
  const decomposed = withPlainSigns(name.replace(FRACTION_BEHIND_DIGIT, ' ')).normalize('NFKD');
  return withPlainSigns(decomposed)
    .toLowerCase()
    .replace(INVISIBLE, (character) => (/\s/.test(character) ? ' ' : ''))
    .replace(CYRILLIC_LETTERS, (letter) => letter.normalize('NFC'))
    .replace(OPTIONAL_MARKS, '')
    .replace(SPECIAL_LETTER, (letter) => PLAIN_LETTERS[letter] ?? letter)
    .replaceAll('\u2044', '/')
    .replace(FOREIGN_DIGIT, digitOf)
    .replace(SPACES, ' ')
    .normalize('NFC')
    .slice(0, MAX_KEY_LENGTH)
    .toWellFormed();
}

/**
 * The form of a name that it is sorted by, byte by byte: its {@link searchKey}, with numbers by their value. `Ürün 2` comes
 * before `Ürün 10`, as `urun 12` does before `urun 210`: the number of its digits stands before each number.
 */
export function nameKey(name: string): string {
  return searchKey(name)
    .replace(/[0-9]+/g, sortableNumber)
    .slice(0, MAX_KEY_LENGTH)
    .toWellFormed();
}

function withPlainSigns(text: string): string {
  return PLAIN_SIGNS.reduce((plain, [sign, plainSign]) => plain.replace(sign, plainSign), text);
}

/** Puts the count of digits first: from nine on, a nine and the count in four digits, which is enough for the longest name. */
function sortableNumber(number: string): string {
  const digits = number.replace(/^0+(?=.)/, '');
  const { length } = digits;
  return `${length < 9 ? length : `9${String(length).padStart(4, '0')}`}${digits}`;
}

/** The digits of a script follow each other from zero to nine. */
function digitOf(digit: string): string {
  const codePoint = digit.codePointAt(0) ?? 0;
  let zero = codePoint;
  while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero--;
  return String((codePoint - zero) % 10);
}
