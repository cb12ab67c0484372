import { assert, property, string } from 'fast-check';
import { nameKey } from './name-key.js';

describe('nameKey', () => {
  it.each([
    ['in any letter case', ['Apple', 'apple', 'APPLE'], 'apple'],
    ['with or without accents', ['Crème Brûlée', 'creme brulee', 'CRÈME BRÛLÉE'], 'creme brulee'],
    ['composed or decomposed', ['Café', 'Cafe\u0301'], 'cafe'],
    ['with ß or ss', ['Weißbrot', 'WEIẞBROT', 'weissbrot', 'WEISSBROT'], 'weissbrot'],
    ['with stroked letters', ['Smørrebrød', 'SMØRREBRØD'], 'smorrebrod'],
    ['with ligatures', ['Œufs', 'œufs', 'oeufs', 'OEUFS'], 'oeufs'],
    ['with typographic ligatures', ['ﬁne', 'fine'], 'fine'],
    ['in full width', ['ＡＰＰＬＥ', 'apple'], 'apple'],
    ['in Polish', ['Łosoś', 'łosoś', 'losos'], 'losos'],
    ['in Turkish', ['İncir', 'incir', 'ıncır', 'INCIR'], 'incir'],
    ['in Icelandic', ['Þorskur', 'þorskur', 'thorskur'], 'thorskur'],
    ['in Greek, whatever the sigma', ['Τυρός', 'ΤΥΡΟΣ', 'τυρόσ', 'τυρος'], 'τυροσ'],
    ['in Cyrillic', ['МЁД', 'мёд', 'мед'], 'мед'],
  ])('is one key for a name %s', (_, names, key) => {
    for (const name of names) expect(nameKey(name)).toBe(key);
  });

  it.each([
    ['letters', 'pear', 'bear'],
    ['spaces', 'teapot', 'tea pot'],
    ['wildcards', '50%', '50_'],
    ['alphabets', 'сор', 'cop'],
  ])('keeps names apart that differ in %s', (_, one, other) => {
    expect(nameKey(one)).not.toBe(nameKey(other));
  });

  it('sorts as people do', () => {
    const sorted = [
      'Äpfel',
      'apple',
      'Banana',
      'cherry',
      'Éclair',
      'edam',
      'Zucchini',
      'αλάτι',
      'Γάλα',
      'арбуз',
      'Банан',
    ];
    const keys = sorted.map(nameKey);
    expect([...keys].sort()).toEqual(keys);
  });

  it('is the same for a name and its key, so that a search may be typed either way', () => {
    // A cut may fall between the letters of one ligature, so names stay short enough not to be cut.
    assert(
      property(string({ unit: 'binary', maxLength: 40 }), (name) => {
        expect(nameKey(nameKey(name))).toBe(nameKey(name));
      }),
    );
  });

  it('fits its column and its index, whatever the name', () => {
    assert(
      property(string({ unit: 'binary', minLength: 200, maxLength: 200 }), (name) => {
        expect([...nameKey(name)].length).toBeLessThanOrEqual(1000);
        expect(Buffer.byteLength(nameKey(name))).toBeLessThanOrEqual(2600);
      }),
    );
    expect(Buffer.byteLength(nameKey('\ufdfa'.repeat(200)))).toBeLessThanOrEqual(2600);
    expect(Buffer.byteLength(nameKey('㌖'.repeat(200)))).toBeLessThanOrEqual(2600);
  });

  it('keeps all of a name of 200 syllables', () => {
    expect(nameKey(`${'한'.repeat(199)}x`)).toMatch(/x$/);
  });
});
