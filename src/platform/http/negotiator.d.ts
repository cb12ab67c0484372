/** The part of negotiator 1 that is used. @types/negotiator describes version 0, which has no `preferred`. */
declare module 'negotiator' {
  export default class Negotiator {
    constructor(request: { headers: { accept?: string; 'accept-encoding'?: string } });

    /** @param options.preferred breaks ties between codings of equal quality */
    encodings(available: readonly string[], options: { preferred: readonly string[] }): string[];

    mediaTypes(available: readonly string[]): string[];
  }
}
