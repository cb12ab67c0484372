/** What a 422 says of a value, in pydantic's words. */
export interface Issue {
  type: string;
  msg: string;
}

export const MISSING: Issue = { type: 'missing', msg: 'Field required' };
export const NO_OBJECT: Issue = {
  type: 'model_attributes_type',
  msg: 'Input should be a valid dictionary or object',
};
export const NO_JSON: Issue = { type: 'json_invalid', msg: 'JSON decode error' };
export const NO_STRING: Issue = { type: 'string_type', msg: 'Input should be a valid string' };
export const NO_TEXT: Issue = {
  type: 'string_unicode',
  msg: 'Input should be a valid string without NUL characters',
};
export const NO_URL: Issue = { type: 'url_parsing', msg: 'Input should be a valid URL' };
export const NO_PLAIN_URL: Issue = {
  type: 'url_parsing',
  msg: 'Input should be a valid URL, without a user, spaces or quotes',
};
export const NO_WEB_URL: Issue = { type: 'url_scheme', msg: "URL scheme should be 'http' or 'https'" };
export const NO_INTEGER: Issue = { type: 'int_type', msg: 'Input should be a valid integer' };
export const NO_INTEGER_IN_STRING: Issue = {
  type: 'int_parsing',
  msg: 'Input should be a valid integer, unable to parse string as an integer',
};
export const FRACTION: Issue = {
  type: 'int_from_float',
  msg: 'Input should be a valid integer, got a number with a fractional part',
};
export const NO_DECIMAL: Issue = {
  type: 'decimal_type',
  msg: 'Decimal input should be an integer, float, string or Decimal object',
};
export const NO_DECIMAL_IN_STRING: Issue = {
  type: 'decimal_parsing',
  msg: 'Input should be a valid decimal',
};

export function tooShort(min: number): Issue {
  return {
    type: 'string_too_short',
    msg: `String should have at least ${min} character${min === 1 ? '' : 's'}`,
  };
}

export function tooLong(max: number): Issue {
  return { type: 'string_too_long', msg: `String should have at most ${max} characters` };
}

export function tooManyPlaces(places: number): Issue {
  return {
    type: 'decimal_max_places',
    msg: `Decimal input should have no more than ${places} decimal places`,
  };
}

export function tooSmall(min: number): Issue {
  return { type: 'greater_than_equal', msg: `Input should be greater than or equal to ${min}` };
}

export function tooLarge(max: number): Issue {
  return { type: 'less_than_equal', msg: `Input should be less than or equal to ${max}` };
}

/** The body of a 422 with one issue. */
export function refusal({ type, msg }: Issue, ...loc: (string | number)[]): { detail: object[] } {
  return { detail: [{ type, loc, msg }] };
}
