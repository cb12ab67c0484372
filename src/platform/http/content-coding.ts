/** How a body may be written (RFC 9110, section 8.4.1), the best first: brotli takes half the time for fewer bytes. */
export const CONTENT_CODINGS = ['br', 'gzip'] as const;

export type ContentCoding = (typeof CONTENT_CODINGS)[number];

/** The coding that a client wants most by its `Accept-Encoding` (RFC 9110, section 12.5.3); undefined for none. */
export function negotiateCoding(header: string | undefined): ContentCoding | undefined {
  if (header === undefined) return undefined;
  const qualities = new Map(header.toLowerCase().split(',').map(qualityOf));
  const others = qualities.get('*') ?? 0;
  let best: ContentCoding | undefined;
  let bestQuality = qualities.get('identity') ?? 0;
  for (const coding of CONTENT_CODINGS) {
    const quality = qualities.get(coding) ?? others;
    // As good as uncompressed will do, as good as another coding won't.
    if (quality > 0 && (best === undefined ? quality >= bestQuality : quality > bestQuality)) {
      best = coding;
      bestQuality = quality;
    }
  }
  return best;
}

/** The strong tag of an answer as it is written in a coding: other bytes need another tag (RFC 9110, section 8.8.3.3). */
export function encodedTag(tag: string, coding: ContentCoding): string {
  return `${tag.slice(0, -1)}-${coding}"`;
}

function qualityOf(element: string): [coding: string, quality: number] {
  const [coding = '', quality] = element.split(/;\s*q\s*=/);
  return [coding.trim(), quality === undefined ? 1 : Number(quality) || 0];
}
