/** What a person may do; SPEC.md's permission table says it row by row. */
export enum Role {
  Admin = 'admin',
  MarketOwner = 'market_owner',
  Employee = 'employee',
}
