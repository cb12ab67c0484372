/** The roles of users. SPEC.md has a table of their permissions. */
export enum Role {
  Admin = 'admin',
  MarketOwner = 'market_owner',
  Employee = 'employee',
}

/** The owners: they manage the shop, see what things cost, and may say so. */
export const OWNERS: readonly [Role, ...Role[]] = [Role.Admin, Role.MarketOwner];

export function isOwner(role: Role): boolean {
  return OWNERS.includes(role);
}
