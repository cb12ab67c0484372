/** Supported codings (RFC 9110, section 8.4.1), the preferred first: brotli takes half the time for fewer bytes. */
export const CONTENT_CODINGS = ['br', 'gzip'] as const;

export type ContentCoding = (typeof CONTENT_CODINGS)[number];

/** Returns the coding that the client prefers by `Accept-Encoding` (RFC 9110, section 12.5.3); undefined for no coding. */
export function negotiateCoding(header: string | undefined): ContentCoding | undefined {
  if (header === undefined) return undefined;
  const qualities = new Map(header.toLowerCase().split(',').map(qualityOf));
  const others = qualities.get('*') ?? 0;
  let best: ContentCoding | undefined;
  let bestQuality = qualities.get('identity') ?? 0;
  for (const coding of CONTENT_CODINGS) {
    const quality = qualities.get(coding) ?? others;
    // A tie with identity goes to the coding; a tie between codings goes to the first one.
    if (quality > 0 && (best === undefined ? quality >= bestQuality : quality > bestQuality)) {
      best = coding;
      bestQuality = quality;
    }
  }
  return best;
}

/** Returns the strong entity tag of the encoded body: other bytes need another tag (RFC 9110, section 8.8.3.3). */
export function encodedTag(tag: string, coding: ContentCoding): string {
  return `${tag.slice(0, -1)}-${coding}"`;
}

function qualityOf(element: string): [coding: string, quality: number] {
  const [coding = '', quality] = element.split(/;\s*q\s*=/);
  return [coding.trim(), quality === undefined ? 1 : Number(quality) || 0];
}
