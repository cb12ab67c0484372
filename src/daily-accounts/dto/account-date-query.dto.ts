import { AccountDateField } from '../../trading-days/account-date.field.js';

export class AccountDateQuery {
  /**
   * The trading day, or `today`.
   * @example "today"
   */
  @AccountDateField()
  account_date!: string;
}
