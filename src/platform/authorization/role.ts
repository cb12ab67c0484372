/** The roles of users. SPEC.md has a table of their permissions. */
export enum Role {
  Admin = 'admin',
  MarketOwner = 'market_owner',
  Employee = 'employee',
}
