/** The codes of errors without a more specific code, one for each error status in use. */
const GENERAL_CODES = {
  bad_request: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  not_acceptable: 406,
  request_timeout: 408,
  conflict: 409,
  precondition_failed: 412,
  payload_too_large: 413,
  uri_too_long: 414,
  unsupported_media_type: 415,
  expectation_failed: 417,
  too_many_requests: 429,
  request_header_fields_too_large: 431,
  internal_error: 500,
  service_unavailable: 503,
} as const;

/**
 * All error codes with their status. Clients compare codes, so a code never changes. An error that a client may want to act
 * on has a specific code; any other error has the general code of its status.
 *
 * `@ApiErrors` documents the codes of an operation.
 */
export const ERROR_CODES = {
  ...GENERAL_CODES,

  inactive_user: 400,
  wrong_password: 400,
  more_than_in_cart: 400,
  nothing_sold: 400,

  not_authenticated: 401,
  invalid_token: 401,
  invalid_credentials: 401,
  invalid_refresh_token: 401,

  user_not_found: 404,
  session_not_found: 404,
  category_not_found: 404,
  item_not_found: 404,
  barcode_misread: 404,
  movement_not_found: 404,
  not_in_stock: 404,
  cart_not_found: 404,
  cart_item_not_found: 404,
  account_not_found: 404,
  task_not_found: 404,
  stocktake_not_found: 404,
  not_in_stocktake: 404,
  import_not_found: 404,

  email_taken: 409,
  username_taken: 409,
  last_admin: 409,
  category_name_taken: 409,
  category_in_use: 409,
  sku_taken: 409,
  ambiguous_barcode: 409,
  too_many_digits: 409,
  already_in_stock: 409,
  insufficient_stock: 409,
  unexpected_quantity: 409,
  quantity_too_large: 409,
  already_reversed: 409,
  not_stocked: 409,
  taken_out_of_stock: 409,
  not_reversible: 409,
  held_by_cart: 409,
  desk_taken: 409,
  already_in_cart: 409,
  cart_not_draft: 409,
  cart_not_completed: 409,
  cart_empty: 409,
  payments_mismatch: 409,
  amount_too_large: 409,
  refund_too_large: 409,
  day_closed: 409,
  day_open: 409,
  nothing_to_count: 409,
  nothing_counted: 409,
  stocktake_not_open: 409,
  changed_meanwhile: 409,
  idempotency_key_in_use: 409,

  login_throttled: 429,
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** The codes of a status. */
export type ErrorCodeOf<Status extends number> = {
  [Code in ErrorCode]: (typeof ERROR_CODES)[Code] extends Status ? Code : never;
}[ErrorCode];

const generalCodes = new Map<number, ErrorCode>(
  Object.entries(GENERAL_CODES).map(([code, status]) => [status, code as ErrorCode]),
);

/** Returns the general code of a status; `bad_request` or `internal_error` for a status that is not listed. */
export function generalCodeOf(status: number): ErrorCode {
  return generalCodes.get(status) ?? (status < 500 ? 'bad_request' : 'internal_error');
}
