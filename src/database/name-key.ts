/** Letters that carry their stroke or ligature as part of themselves, so that no normal form takes it off. */
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
};
const SPECIAL_LETTER = new RegExp(`[${Object.keys(PLAIN_LETTERS).join('')}]`, 'g');

/**
 * The longest key, in UTF-16 units. PostgreSQL's index takes 2704 bytes, three a unit at the most; four units a character
 * are enough for every name that isn't made of ligatures, of which one may stand for eighteen letters.
 */
const LONGEST_KEY = 800;

/**
 * The form of a name that sorting and searching use, stored beside it and the same on both engines: compatibility
 * decomposition (NFKD, Unicode Annex 15) without its marks, in lower case. `Crème Brûlée` becomes `creme brulee`.
 */
export function nameKey(name: string): string {
  return name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(SPECIAL_LETTER, (letter) => PLAIN_LETTERS[letter] ?? letter)
    .slice(0, LONGEST_KEY);
}
