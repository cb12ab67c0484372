import { assert, bigInt, property, string } from 'fast-check';
import { nameKey, searchKey } from './name-key.js';

describe('searchKey', () => {
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
    ['in Hebrew, with or without points', ['שָׁלוֹם', 'שלום'], 'שלום'],
    ['in Arabic, with or without vowels', ['مُحَمَّد', 'محمد'], 'محمد'],
    ['in Arabic, stretched or not', ['شـــاي', 'شاي'], 'شاي'],
    ['in Arabic, whatever carries the hamza', ['أرز', 'إرز', 'آرز', 'ٱرز', 'ارز'], 'ارز'],
    ['in Arabic, with either last letter', ['قهوة', 'قهوه'], 'قهوه'],
    ['in Arabic or Persian', ['چای کیک', 'چاي كيك', 'چاى كيك'], 'چاي كيك'],
    ['in Persian, joined or not', ['می\u200cخواهم', 'میخواهم'], 'ميخواهم'],
    ['with digits of any script', ['چای ۲', 'چای ٢', 'چای २', 'چای 2'], 'چاي 2'],
    [
      'with any apostrophe',
      ["L'eau", 'L’eau', 'L‘eau', 'L`eau', 'L´eau', 'Lʼeau', 'L′eau', 'L＇eau'],
      "l'eau",
    ],
    ['with any quotation marks', ['“Bio”', '„Bio“', '"Bio"'], '"bio"'],
    ['with any dash', ['7-Up', '7–Up', '7—Up', '7−Up', '7‐Up', '7‑Up', '7－Up', '7⁻Up'], '7-up'],
    ['with × or x', ['6×1 L', '6x1 l', '6X1 L'], '6x1 l'],
    ['with a fraction', ['½ kg', '1/2 kg', '1⁄2 kg'], '1/2 kg'],
    ['with a fraction behind a number', ['1½ kg', '1 ½ kg', '1 1/2 kg'], '1 1/2 kg'],
    ['in half width', ['ｶﾞﾑ', 'ガム'], 'ガム'],
    ['with what is not seen', ['Choco\u00adlate\u200b', 'chocolate'], 'chocolate'],
    ['with an emoji in either presentation', ['☕\ufe0f', '☕'], '☕'],
  ])('is one key for a name %s', (_, names, key) => {
    for (const name of names) expect(searchKey(name)).toBe(key);
  });

  it.each([
    ['letters', 'pear', 'bear'],
    ['spaces', 'teapot', 'tea pot'],
    ['wildcards', '50%', '50_'],
    ['alphabets', 'сор', 'cop'],
    ['vowel signs of Hindi', 'मटर', 'मीटर'],
    ['vowel signs of Thai', 'กา', 'กี'],
    ['voiced kana', 'か', 'が'],
    ['letters of Cyrillic alphabets', 'йод', 'иод'],
  ])('keeps names apart that differ in %s', (_, one, other) => {
    expect(searchKey(one)).not.toBe(searchKey(other));
  });

  it('is the same for a name and its key, so that a search may be typed either way', () => {
    // A cut may fall between the letters of one ligature, so names stay short enough not to be cut.
    assert(
      property(string({ unit: 'binary', maxLength: 40 }), (name) => {
        expect(searchKey(searchKey(name))).toBe(searchKey(name));
      }),
    );
  });

  it('fits its column and its index, whatever the name', () => {
    assert(
      property(string({ unit: 'binary', minLength: 200, maxLength: 200 }), (name) => {
        expect([...searchKey(name)].length).toBeLessThanOrEqual(1000);
        expect(Buffer.byteLength(searchKey(name))).toBeLessThanOrEqual(2600);
      }),
    );
    expect(Buffer.byteLength(nameKey('\ufdfa'.repeat(200)))).toBeLessThanOrEqual(2600);
    expect(Buffer.byteLength(nameKey('㌖'.repeat(200)))).toBeLessThanOrEqual(2600);
  });

  it('keeps all of a name of 200 syllables', () => {
    expect(nameKey(`${'한'.repeat(199)}x`)).toMatch(/x$/);
  });
});

describe('nameKey', () => {
  it('sorts as people do', () => {
    const sorted = [
      '',
      '7-Up',
      '10 Eggs',
      'Äpfel',
      'apple',
      'Banana',
      'cherry',
      'Éclair',
      'edam',
      'Ürün',
      'Ürün 1½',
      'Ürün 1a',
      'ürün 2',
      'Ürün 2 kg',
      'ÜRÜN 10',
      'Ürün 10/2',
      'Ürün 10/10',
      'Ürün ٩٩',
      'Ürün 100',
      'Ürün 99999999',
      'Ürün 100000000',
      'Ürün 999999999',
      `Ürün ${'9'.repeat(50)}`,
      `Ürün 1${'0'.repeat(150)}`,
      'Ürünler',
      'Zucchini',
      'αλάτι',
      'Γάλα',
      'арбуз',
      'Банан',
    ];
    const keys = sorted.map(nameKey);
    expect([...keys].sort()).toEqual(keys);
  });

  it.each([
    ['zeros before a number', 'Ürün 2', 'ürün 002'],
    ['the script of digits', 'چای ۱۲', 'چای 12'],
    ['what a search folds', 'Crème ½', 'creme 1/2'],
  ])('is the same whatever %s', (_, one, other) => {
    expect(nameKey(one)).toBe(nameKey(other));
  });

  it('tells no number by its zeros alone', () => {
    expect([nameKey('0'), nameKey('000')]).toEqual(['10', '10']);
  });

  it('sorts any two numbers by their values', () => {
    assert(
      property(bigInt({ min: 0n }), bigInt({ min: 0n }), (one, other) => {
        expect(nameKey(`No ${one}`) < nameKey(`No ${other}`)).toBe(one < other);
      }),
    );
  });

  it('fits its column and its index, whatever the name', () => {
    for (const name of ['1a'.repeat(100), '\ufdfa'.repeat(200), '㍘'.repeat(200), '9'.repeat(200)]) {
      expect(nameKey(name).length).toBeLessThanOrEqual(1000);
      expect(Buffer.byteLength(nameKey(name))).toBeLessThanOrEqual(2600);
    }
  });
});
