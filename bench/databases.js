/** @typedef {import('./shop.js').Database} Database */

/** The 32 items of the mock catalogue. @type {Database} */
export const SMALL_SHOP = { engine: 'SQLite' };
/** @type {Database} */
export const SMALL_SHOP_ON_POSTGRES = { engine: 'PostgreSQL' };
/** @type {Database} */
export const SHOP_OF_1000 = { engine: 'SQLite', items: 1_000 };
/** @type {Database} */
export const SHOP_OF_10000 = { engine: 'SQLite', items: 10_000 };
/** @type {Database} */
export const SHOP_OF_100000 = { engine: 'SQLite', items: 100_000 };
