/** What a 422 says of a value, in pydantic's words. */
export interface Problem {
  type: string;
  msg: string;
}

export const MISSING: Problem = { type: 'missing', msg: 'Field required' };
export const NO_OBJECT: Problem = {
  type: 'model_attributes_type',
  msg: 'Input should be a valid dictionary or object',
};
export const NO_JSON: Problem = { type: 'json_invalid', msg: 'JSON decode error' };
export const NO_STRING: Problem = { type: 'string_type', msg: 'Input should be a valid string' };
export const NO_TEXT: Problem = {
  type: 'string_unicode',
  msg: 'Input should be a valid string without NUL characters',
};
export const NO_URL: Problem = { type: 'url_parsing', msg: 'Input should be a valid URL' };
export const NO_PLAIN_URL: Problem = {
  type: 'url_parsing',
  msg: 'Input should be a valid URL, without a user, spaces or quotes',
};
export const NO_WEB_URL: Problem = { type: 'url_scheme', msg: "URL scheme should be 'http' or 'https'" };
export const NO_INTEGER: Problem = { type: 'int_type', msg: 'Input should be a valid integer' };
export const NO_INTEGER_IN_STRING: Problem = {
  type: 'int_parsing',
  msg: 'Input should be a valid integer, unable to parse string as an integer',
};
export const FRACTION: Problem = {
  type: 'int_from_float',
  msg: 'Input should be a valid integer, got a number with a fractional part',
};
export const NO_DECIMAL: Problem = {
  type: 'decimal_type',
  msg: 'Decimal input should be an integer, float, string or Decimal object',
};
export const NO_DECIMAL_IN_STRING: Problem = {
  type: 'decimal_parsing',
  msg: 'Input should be a valid decimal',
};

export function tooShort(min: number): Problem {
  return {
    type: 'string_too_short',
    msg: `String should have at least ${min} character${min === 1 ? '' : 's'}`,
  };
}

export function tooLong(max: number): Problem {
  return { type: 'string_too_long', msg: `String should have at most ${max} characters` };
}

export function tooManyPlaces(places: number): Problem {
  return {
    type: 'decimal_max_places',
    msg: `Decimal input should have no more than ${places} decimal places`,
  };
}

export function tooSmall(min: number): Problem {
  return { type: 'greater_than_equal', msg: `Input should be greater than or equal to ${min}` };
}

export function tooLarge(max: number): Problem {
  return { type: 'less_than_equal', msg: `Input should be less than or equal to ${max}` };
}

/** The body of a 422 with one problem. */
export function refusal({ type, msg }: Problem, ...loc: (string | number)[]): { detail: object[] } {
  return { detail: [{ type, loc, msg }] };
}
