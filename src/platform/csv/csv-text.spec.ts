import fc from 'fast-check';
import { defuseFormula, numberText, restoreFormula } from './csv-text.js';

/** Mostly of characters that matter. */
const TEXT = fc.oneof(
  fc.string({ unit: fc.constantFrom("'", '=', '+', '-', '@', '\t', 'a', ' ') }),
  fc.string({ unit: 'binary' }),
);

describe('Text in CSV', () => {
  it.each([
    ['=1+1', "'=1+1"],
    ['+49 30 1234', "'+49 30 1234"],
    ['-5', "'-5"],
    ['@home', "'@home"],
    ['\tTab', "'\tTab"],
    ["'=1+1", "''=1+1"],
    ["''-5", "'''-5"],
  ])('gets one apostrophe more where it would be a formula: %j', (text, defused) => {
    expect(defuseFormula(text)).toBe(defused);
    expect(restoreFormula(defused)).toBe(text);
  });

  it.each(['', "'", "'s Gravenhage", "''", 'a=b', ' =1', '1-2'])('stays where it is none: %j', (text) => {
    expect(defuseFormula(text)).toBe(text);
    expect(restoreFormula(text)).toBe(text);
  });

  it('that somebody wrote without defusing it is read as it is', () => {
    expect(restoreFormula('=1+1')).toBe('=1+1');
  });

  it('comes back as it was, and never begins as a formula', () => {
    fc.assert(
      fc.property(TEXT, (text) => {
        expect(restoreFormula(defuseFormula(text))).toBe(text);
        expect(defuseFormula(text)).not.toMatch(/^[=+\-@\t]/);
      }),
      { numRuns: 10_000 },
    );
  });
});

describe('Numbers in CSV', () => {
  it('have the digits of JSON, with either mark', () => {
    fc.assert(
      fc.property(
        fc.maxSafeInteger(),
        fc.constantFrom(1, 100, 1000, 10_000),
        fc.constantFrom('.' as const, ',' as const),
        (whole, unit, mark) => {
          expect(numberText(whole / unit, mark)).toBe(JSON.stringify(whole / unit).replace('.', mark));
        },
      ),
    );
    expect(numberText(-0.0001, ',')).toBe('-0,0001');
  });
});
