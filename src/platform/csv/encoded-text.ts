import { TextDecoder } from 'node:util';
import { CsvProblem } from './csv-problem.js';

/** The encodings that a client may state. */
export const ENCODINGS = ['utf-8', 'windows-1252', 'windows-1254', 'utf-16le'] as const;

export type Encoding = (typeof ENCODINGS)[number];

const BYTE_ORDER_MARKS: [Encoding | 'utf-16be', number[]][] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
];

/** A workbook of Excel or LibreOffice is a ZIP file. */
const ZIP = [0x50, 0x4b, 0x03, 0x04];

/** The longest of {@link BYTE_ORDER_MARKS} and {@link ZIP}. */
const MAX_MARK_BYTES = 4;

/** So many bytes decide, from the first one on that tells something. */
const WINDOW = 64 * 1024;

/** The six letters in which Windows-1254 differs from Windows-1252: Ğ İ Ş ğ ı ş, or else Ð Ý Þ ð ý þ. */
const TURKISH = new Set([0xd0, 0xdd, 0xde, 0xf0, 0xfd, 0xfe]);

/** Letters that Icelandic and Faroese use as much as those, and Turkish does not: Á Æ Í Ó Ú á æ í ó ú. */
const ICELANDIC = new Set([0xc1, 0xc6, 0xcd, 0xd3, 0xda, 0xe1, 0xe6, 0xed, 0xf3, 0xfa]);

/** How many of those there are for each of the six, at least, in such a text. */
const ICELANDIC_SHARE = 0.25;

/** A character of UTF-8 that is not ASCII, in Latin-1. */
const UTF8_CHARACTER = /[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}/g;

/** The characters from 0x80 to 0x9f. Five are not in use (https://encoding.spec.whatwg.org/index-windows-1252.txt). */
const WINDOWS_1252 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';

const NOT_DECODABLE = {
  type: 'string_unicode',
  msg: 'The file is not in the encoding that it seems to have, or that `encoding` states: save it as CSV UTF-8',
};
const WORKBOOK = {
  type: 'value_error',
  msg: 'The file is a workbook of Excel or LibreOffice: save it as CSV UTF-8 first',
};

/**
 * Text of bytes in an encoding that is stated, or found out while they are read: by a byte order mark, else UTF-8 where that fits,
 * else Windows-1254 where there are Turkish letters, else Windows-1252. It depends on the bytes alone, not on how they arrive.
 */
export class EncodedText implements AsyncIterable<string> {
  private decoder: TextDecoder | undefined;
  private found: Encoding | 'utf-16be' | undefined;
  private hasBegun = false;
  /** Whether Windows-1252 may still turn out to be Windows-1254: so far all letters are the same in both. */
  private mayBeTurkish = false;

  constructor(
    private readonly bytes: AsyncIterable<Buffer>,
    stated?: Encoding,
  ) {
    if (stated) this.use(stated);
  }

  /** Known when all is read. Text without a special character is UTF-8. */
  get encoding(): Encoding | 'utf-16be' {
    return this.found ?? 'utf-8';
  }

  /** @throws CsvProblem when the bytes are not in the encoding */
  async *[Symbol.asyncIterator](): AsyncGenerator<string> {
    let held: Buffer = Buffer.alloc(0);
    for await (const bytes of this.bytes) {
      held = yield* this.read(held.length > 0 ? Buffer.concat([held, bytes]) : bytes, { isEnd: false });
    }
    yield* this.read(held, { isEnd: true });
  }

  /** Returns the bytes at the end that can't be decoded before more of them are there. */
  private *read(bytes: Buffer, { isEnd }: { isEnd: boolean }): Generator<string, Buffer> {
    if (!this.hasBegun) {
      if (bytes.length < MAX_MARK_BYTES && !isEnd) return bytes;
      this.hasBegun = true;
      this.readBeginning(bytes);
    }
    let rest = bytes;
    while (!this.decoder || this.mayBeTurkish) {
      const isTelling = this.decoder ? isTurkish : isSpecial;
      const start = rest.findIndex(isTelling);
      const plain = start < 0 ? rest : rest.subarray(0, start);
      yield this.decoder ? decodeWindows1252(plain) : plain.toString('latin1');
      if (start < 0) return Buffer.alloc(0);
      rest = rest.subarray(start);
      if (rest.length < WINDOW && !isEnd) return rest;
      this.decide(rest.subarray(0, WINDOW), { stream: rest.length > WINDOW || !isEnd });
    }
    yield this.decode(rest, { stream: !isEnd });
    return Buffer.alloc(0);
  }

  private readBeginning(piece: Buffer): void {
    if (startsWith(piece, ZIP)) throw new CsvProblem(WORKBOOK);
    const marked = BYTE_ORDER_MARKS.find(([, mark]) => startsWith(piece, mark));
    if (marked) this.use(marked[0]);
  }

  /** Decides by bytes that begin with the first one that tells something. */
  private decide(window: Buffer, options: { stream: boolean }): void {
    if (this.decoder) {
      this.mayBeTurkish = false;
      if (!isIcelandic(window)) this.use('windows-1254');
      return;
    }
    // Where UTF-8 has only a few wrong bytes it is still no other encoding, and is refused below.
    this.mayBeTurkish = !isUtf8(window, options) && !isMostlyUtf8(window);
    this.use(this.mayBeTurkish ? 'windows-1252' : 'utf-8');
  }

  private decode(piece: Buffer, options: { stream: boolean }): string {
    if (this.found === 'windows-1252') return decodeWindows1252(piece);
    try {
      return (this.decoder as TextDecoder).decode(piece, options);
    } catch {
      throw new CsvProblem(NOT_DECODABLE);
    }
  }

  private use(encoding: Encoding | 'utf-16be'): void {
    this.found = encoding;
    this.decoder = new TextDecoder(encoding, { fatal: true });
  }
}

function startsWith(piece: Buffer, bytes: number[]): boolean {
  return piece.subarray(0, bytes.length).equals(Buffer.from(bytes));
}

function isSpecial(byte: number): boolean {
  return byte > 0x7f;
}

function isTurkish(byte: number): boolean {
  return TURKISH.has(byte);
}

/** Whether this is UTF-8; where more is to come, but for a last character that may be cut off. */
function isUtf8(piece: Buffer, options: { stream: boolean }): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(piece, options);
    return true;
  } catch {
    return false;
  }
}

/** Whether more special characters are of UTF-8 than are not. Two letters of Windows-1254 may look like one of them, seldom all. */
function isMostlyUtf8(piece: Buffer): boolean {
  const bytes = piece.toString('latin1');
  const [fitting, special] = [bytes.match(UTF8_CHARACTER) ?? [], bytes.match(/[\x80-\xff]/g) ?? []];
  return fitting.length > special.length - fitting.join('').length;
}

/** Node.js 20 takes it for ISO 8859-1, which has no character from 0x80 to 0x9f. */
function decodeWindows1252(piece: Buffer): string {
  return piece
    .toString('latin1')
    .replace(/[\x80-\x9f]/g, (character) => WINDOWS_1252[character.charCodeAt(0) - 0x80] as string);
}

function isIcelandic(piece: Buffer): boolean {
  const count = (letters: Set<number>) => piece.reduce((sum, byte) => sum + Number(letters.has(byte)), 0);
  return count(ICELANDIC) >= count(TURKISH) * ICELANDIC_SHARE;
}
