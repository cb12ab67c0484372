import { assert, constantFrom, emailAddress, property, string } from 'fast-check';
import { loginKey, normalizeEmail } from './login-name.js';

describe('loginKey', () => {
  it.each(['irem_x', 'İrem_x', 'IREM_X', 'İREM_X', 'ırem_x', 'i\u0307rem_x', 'I\u0307REM_X'])(
    'is one for %s',
    (name) => {
      expect(loginKey(name)).toBe('irem_x');
    },
  );

  it.each([
    'ibrahim@info.com',
    'İbrahim@İNFO.com',
    'IBRAHIM@INFO.COM',
    'ıbrahım@ınfo.com',
    'i\u0307brahim@i\u0307nfo.com',
  ])('is one for %s', (address) => {
    expect(loginKey(address)).toBe('ibrahim@info.com');
  });

  it('keeps letters apart that differ in more than a dot', () => {
    const names = ['irem', 'lrem', '1rem', 'jrem', 'írem', 'ìrem', 'erem'];
    expect(new Set(names.map(loginKey)).size).toBe(names.length);
  });
});

describe('normalizeEmail', () => {
  it.each([
    ['in lower case', 'Maria@Corner-Cafe.EXAMPLE', 'maria@corner-cafe.example'],
    ['composed', 'rene\u0301@mu\u0308ller.example', 'rené@müller.example'],
    ['with its domain as it is read', 'info@xn--mteri-kva70e.com.tr', 'info@müşteri.com.tr'],
    ['with its domain in lower case', 'info@MÜŞTERİ.COM.TR', 'info@müşteri.com.tr'],
    ['with its domain in punycode of any case', 'info@XN--MTERI-KVA70E.com.tr', 'info@müşteri.com.tr'],
    ['with a domain of which ı is a letter', 'info@ışık.com.tr', 'info@ışık.com.tr'],
    ['with a domain of another script', 'info@例え.テスト', 'info@例え.テスト'],
    ['with dots of another script', 'info@例え。テスト', 'info@例え.テスト'],
    ['with the letters of its local part', 'AYŞE.Yılmaz@shop.example', 'ayşe.yılmaz@shop.example'],
    ['with one i for İ in them', 'AYŞE.İNCE@shop.example', 'ayşe.ince@shop.example'],
    ['with punycode that would be read as another domain', 'a@xn--nfo-iua.com', 'a@xn--nfo-iua.com'],
    ['as it was where the domain is none', 'info@xn--a.COM', 'info@xn--a.com'],
    ['as it was where the domain has signs', 'info@ex%61mple.com/b', 'info@ex%61mple.com/b'],
  ])('keeps an address %s', (_, sent, kept) => {
    expect(normalizeEmail(sent)).toBe(kept);
  });

  it('leaves what is kept as it is', () => {
    const anyAddress = string({
      unit: constantFrom(...'aIiİıŞş\u0307\u0301@.-é例。', 'xn--'),
      maxLength: 20,
    });
    assert(
      property(anyAddress, (text) => {
        const address = normalizeEmail(`${text}@${text}`);
        expect(normalizeEmail(address)).toBe(address);
      }),
      { numRuns: 2000 },
    );
  });

  it('is lower case and no more for an address in ASCII', () => {
    assert(
      property(emailAddress(), (address) => {
        expect(normalizeEmail(address)).toBe(address.toLowerCase());
      }),
    );
  });
});
