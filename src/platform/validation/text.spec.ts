import { assert, constantFrom, oneof, property, string } from 'fast-check';
import { normalizeLine, normalizeText } from './text.js';

const anyText = string({
  unit: oneof(
    constantFrom(
      ...'a1e\u0301\u00ad\u200b\u200c\u200d\u094dकی خد☕❤♂👩\ufe0e\ufe0f\u20e3\u2800\u3164\u202e\n\t\u00a0ح',
    ),
    constantFrom('🏽', '👩', '🏴', '\u{e0067}', '\u{e007f}', '\u{e0100}'),
  ),
  maxLength: 12,
});

describe('normalizeLine', () => {
  it.each([
    ['composed', 'Cafe\u0301', 'Café'],
    ['without spaces around', ' \t\u00a0\u2003Tea\u3000\u2800\n', 'Tea'],
    ['with one space for many', 'Green\u00a0 \u2009\u202f\u2028\t\r\nTea', 'Green Tea'],
    ['with one space for many around what is not seen', 'Green \u200b \u2060Tea', 'Green Tea'],
    ['without a space of no width', 'Green\u200bTea', 'GreenTea'],
    ['without soft hyphens', 'Choco\u00adlate', 'Chocolate'],
    ['without a byte order mark', '\ufeffTea', 'Tea'],
    ['without control characters', 'Te\u0007\u001b\u007f\u009fa', 'Tea'],
    ['without directions', '\u202eTea\u202c \u2066x\u2069\u200f\u061c', 'Tea x'],
    ['without fillers', 'T\u3164e\u115fa\uffa0', 'Tea'],
    ['composed over what is not seen', 'Cafe\u200b\u0301', 'Café'],
    ['with one hyphen', 'Coca\u2011Cola \u2010', 'Coca-Cola -'],
    ['without variation selectors', 'Tea\ufe0f 葛\u{e0100}', 'Tea 葛'],
    ['without joiners between letters that show none', 'T\u200de\u200ca', 'Tea'],
    ['without a joiner behind a letter that joins nothing', 'در\u200cآمد', 'درآمد'],
    ['without a joiner between letters that join', 'م\u200dن', 'من'],
    ['without a second joiner', 'می\u200c\u200cخواهم', 'میخواهم'],
    ['without emoji presentation where there is no other', '☕\ufe0f Tea', '☕ Tea'],
  ])('is text %s', (_, sent, line) => {
    expect(normalizeLine(sent)).toBe(line);
  });

  it.each([
    ['Persian', 'می\u200cخواهم'],
    ['Persian with vowels', 'مِی\u200cخواهم'],
    ['an abbreviation in Persian', 'ه\u200d.ق'],
    ['Hindi', 'क्\u200dष क्\u200cष श्री मीटर'],
    ['Bengali', 'র\u200d্যাব'],
    ['Sinhala', 'ශ්\u200dරී'],
    ['a family', '👨\u200d👩\u200d👧 Menu'],
    ['a cook', '👩🏽\u200d🍳 Soup'],
    ['a heart on fire', '❤\ufe0f\u200d🔥'],
    ['a red heart', '❤\ufe0f'],
    ['a black heart', '❤\ufe0e'],
    ['a key', '1\ufe0f\u20e3'],
    ['the flag of Scotland', '🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}'],
    ['the flag of Turkey', '🇹🇷 Çay'],
    ['digits and signs', '50 % #1 (a/b) – c'],
  ])('keeps what shows in %s', (_, line) => {
    expect(normalizeLine(line)).toBe(line);
  });

  it('is the same for an emoji with and without its presentation in a sequence', () => {
    expect(normalizeLine('🏃\u200d♂')).toBe('🏃\u200d♂\ufe0f');
    expect(normalizeLine('❤\u200d🔥')).toBe('❤\ufe0f\u200d🔥');
  });

  it.each([
    '',
    ' ',
    '\u200b',
    '\u00ad',
    '\u3164',
    '\u2800',
    '\u0301',
    '\u0301 \u0302',
    '\ufe0f',
    '\u{e0100}',
    '\u0007',
    '\u0085',
  ])('is empty for %j, of which nothing is seen', (text) => {
    expect([normalizeLine(text), normalizeText(text)]).toEqual(['', '']);
  });

  it('is the same when it is read again', () => {
    assert(
      property(oneof(anyText, string({ unit: 'binary' })), (text) => {
        expect(normalizeLine(normalizeLine(text))).toBe(normalizeLine(text));
        expect(normalizeText(normalizeText(text))).toBe(normalizeText(text));
      }),
      { numRuns: 1000 },
    );
  });

  it('takes no longer for what has no end', () => {
    for (const character of ['\u200d', ' ', '❤', '\u{e0067}', '🏴\u{e0067}', 'ی', '\u064e', 'ی\u200c']) {
      expect(normalizeLine(character.repeat(200_000)).length).toBeLessThan(600_001);
    }
  });
});

describe('normalizeText', () => {
  it.each([
    ['lines', 'one\n\ntwo\r\n  three\tfour', 'one\n\ntwo\r\n  three\tfour'],
    ['no space around', '\n one \n', 'one'],
    ['nothing that is not seen', 'one\u200b\u202e\n\u0007Cafe\u0301', 'one\nCafé'],
  ])('keeps %s', (_, sent, text) => {
    expect(normalizeText(sent)).toBe(text);
  });
});
