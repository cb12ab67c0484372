/** What is not seen: default ignorable and control characters, but for white space, and for joiners, which may show. */
const INVISIBLE =
  '(?![\\p{White_Space}\\u200C\\u200D])[\\p{Default_Ignorable_Code_Point}\\p{Cc}\\uFFF9-\\uFFFB]';

/** A picture (UTS 51), with its skin tone, its presentation, or the tags that make it a region's flag. */
const PICTURE =
  '\\p{Extended_Pictographic}(?:\\p{Emoji_Modifier}|[\\uFE0E\\uFE0F])?(?:[\\u{E0020}-\\u{E007E}]+\\u{E007F})?';
const EMOJI = `${PICTURE}(?:\\u200D${PICTURE})*|[0-9#*]\\uFE0F\\u20E3`;

/** Arabic letters that join the one behind them, or only the one before them (ArabicShaping.txt: Joining_Type D and R). */
const JOINS_BOTH =
  '[\\u0620\\u0626\\u0628\\u062A-\\u062E\\u0633-\\u063F\\u0641-\\u0647\\u0649\\u064A\\u066E\\u066F\\u0678-\\u0687' +
  '\\u069A-\\u06BF\\u06C1\\u06C2\\u06CC\\u06CE\\u06D0\\u06D1\\u06FA-\\u06FC\\u06FF\\u0750-\\u0758\\u075C-\\u076A' +
  '\\u076D-\\u0770\\u0772\\u0775-\\u0777\\u077A-\\u077F\\u0886\\u0889-\\u088D\\u08A0-\\u08A9\\u08AF\\u08B0' +
  '\\u08B3-\\u08B8\\u08BA-\\u08C8]';
const JOINS_BEFORE = '(?![\\u0621\\u0674\\u06E5\\u06E6\\u0887\\u08AD\\u08C9])(?=\\p{Script=Arabic})\\p{L}';
/** The signs that take a consonant's vowel away in the scripts of South Asia: Devanagari, Bengali … Sinhala. */
const VIRAMA = '[\\u094D\\u09CD\\u0A4D\\u0ACD\\u0B4D\\u0BCD\\u0C4D\\u0CCD\\u0D4D\\u0DCA]';

/**
 * U+200C and U+200D where they change how letters look: between Arabic letters that would join, at the edge of one that
 * would not, and at a virama. In the main RFC 5892, appendix A.1 and A.2. Each begins with its own character: looking back
 * from every character would take long in text of many marks.
 */
const JOINER =
  `\\u200C(?:(?<=${VIRAMA}.)(?=\\p{L})|(?<=${JOINS_BOTH}\\p{Mn}*.)(?=\\p{Mn}*${JOINS_BEFORE}))|` +
  `\\u200D(?:(?<=${VIRAMA}.)|(?<=\\p{L}.)(?=${VIRAMA})|(?<=${JOINS_BOTH}\\p{Mn}*.)(?!\\p{Mn}*(?:${JOINS_BEFORE}|[\\u200C\\u200D])))`;

const EMOJI_OR_INVISIBLE = new RegExp(`(${EMOJI})|${INVISIBLE}`, 'gu');
const EMOJI_OR_JOINER = new RegExp(`(${EMOJI})|(${JOINER})|[\\u200C\\u200D]`, 'gu');
const SPACES = /[\p{White_Space}\u2800]+/gu;
const HYPHENS = /[\u2010\u2011]/g;
const NOTHING_BUT_MARKS = /^[\p{M}\p{White_Space}\u2800]*$/u;
const PLAIN_LINE = /^[!-~]+(?: [!-~]+)*$/;

/**
 * Text of one line as it is kept: composed (NFC), with single spaces between its words and none around them, and without
 * what is not seen. So two of them that look the same are the same: the hyphen has three characters of its own, and the
 * braille blank (U+2800) is a space. Joiners stay where a script or an emoji shows them. What has no character to be seen,
 * or nothing but combining marks, is empty.
 */
export function normalizeLine(text: string): string {
  if (PLAIN_LINE.test(text)) return text;
  const line = withoutInvisible(text).replace(HYPHENS, '-').replace(SPACES, ' ').trim();
  return NOTHING_BUT_MARKS.test(line) ? '' : line;
}

/** Text of several lines as it is kept: like {@link normalizeLine}, but its lines and the spaces within it stay. */
export function normalizeText(text: string): string {
  // U+0085, a line break of old mainframes, is white space to Unicode and not to JavaScript.
  const lines = withoutInvisible(text).replaceAll('\u0085', '\n').trim();
  return NOTHING_BUT_MARKS.test(lines) ? '' : lines;
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

/**
 * An emoji in the one form that says what it looks like: U+FE0F goes where the picture is in colour anyway, and comes
 * where a sequence of several is in colour also without it (UTS 51, fully-qualified).
 */
function qualified(emoji: string): string {
  const pictures = emoji.split('\u200D');
  return pictures
    .map((picture) => {
      if (/^\p{Emoji_Presentation}/u.test(picture)) return picture.replace('\uFE0F', '');
      return pictures.length > 1 && /^.$/u.test(picture) ? `${picture}\uFE0F` : picture;
    })
    .join('\u200D');
}
