import { CreateSchema1764000000000 } from './1764000000000-create-schema.js';
import { IndexItemNames1764000100000 } from './1764000100000-index-item-names.js';
import { ThrottleLogins1764000200000 } from './1764000200000-throttle-logins.js';
import { SeparateSessions1764000300000 } from './1764000300000-separate-sessions.js';
import { CountRequests1764000400000 } from './1764000400000-count-requests.js';
import { IndexListOrders1764000500000 } from './1764000500000-index-list-orders.js';
import { KeepVersions1764000510000 } from './1764000510000-keep-versions.js';
import { KeepLedger1764000600000 } from './1764000600000-keep-ledger.js';
import { KeepAnswers1764000700000 } from './1764000700000-keep-answers.js';
import { WatchLowStock1764000800000 } from './1764000800000-watch-low-stock.js';
import { IndexGtins1764000810000 } from './1764000810000-index-gtins.js';
import { IndexMovements1764000900000 } from './1764000900000-index-movements.js';
import { AnchorCounts1764001000000 } from './1764001000000-anchor-counts.js';
import { NormalizeText1764001100000 } from './1764001100000-normalize-text.js';
import { SortCategories1764001200000 } from './1764001200000-sort-categories.js';
import { TidyBarcodes1764001300000 } from './1764001300000-tidy-barcodes.js';
import { KeepPrices1764001400000 } from './1764001400000-keep-prices.js';
import { SellCarts1764001500000 } from './1764001500000-sell-carts.js';
import { CloseDays1764001600000 } from './1764001600000-close-days.js';
import { AssignTasks1764001700000 } from './1764001700000-assign-tasks.js';
import { CountStocktakes1764001800000 } from './1764001800000-count-stocktakes.js';
import { ImportItems1764001900000 } from './1764001900000-import-items.js';
import { IndexEntryTimes1764002000000 } from './1764002000000-index-entry-times.js';

/** Every migration, oldest first. A migration that has been released is never changed: add another. */
export const migrations = [
  CreateSchema1764000000000,
  IndexItemNames1764000100000,
  ThrottleLogins1764000200000,
  SeparateSessions1764000300000,
  CountRequests1764000400000,
  IndexListOrders1764000500000,
  KeepVersions1764000510000,
  KeepLedger1764000600000,
  KeepAnswers1764000700000,
  WatchLowStock1764000800000,
  IndexGtins1764000810000,
  IndexMovements1764000900000,
  AnchorCounts1764001000000,
  NormalizeText1764001100000,
  SortCategories1764001200000,
  TidyBarcodes1764001300000,
  KeepPrices1764001400000,
  SellCarts1764001500000,
  CloseDays1764001600000,
  AssignTasks1764001700000,
  CountStocktakes1764001800000,
  ImportItems1764001900000,
  IndexEntryTimes1764002000000,
];

/**
 * SHA-256 of the schema that all of them make on PostgreSQL, by which a start knows it without making it again.
 * `UPDATE_SNAPSHOT=1 npx jest test/schema`, with TEST_DATABASE_URL, updates it.
 */
export const POSTGRES_FINGERPRINT = 'da545f2454e3d0461bc140e8b4d598697806ffd0aa2e818d93352c6b4cde212b';
