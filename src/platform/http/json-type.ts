/** For responses whose text the program has made itself. */
export const JSON_TYPE = 'application/json; charset=utf-8';
