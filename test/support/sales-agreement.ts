import { cartHash, refundHash } from '../../src/carts/sale-hash.js';
import { queryDatabase, type Row } from './query-database.js';

/** Each finds what is not as it has to be, and says so in a column `problem`. The first version recorded no movements. */
const PROBLEMS = [
  `select 'Item ' || item_id || ' has ' || quantity || ' in stock, but its movements add up to ' || moved as problem
   from (
     select item_id, sum(quantity) as quantity, sum(moved) as moved from (
       select item_id, quantity, 0 as moved from stock_entries
       union all select item_id, 0, delta from stock_movements) both_sides
     group by item_id) items
   where quantity <> moved`,
  `select 'Cart ' || cart_id || ' has ' || held || ' of item ' || item_id || ', but took ' || taken as problem
   from (
     select cart_id, item_id, sum(held) as held, sum(taken) as taken from (
       select cart_id, item_id, quantity as held, 0 as taken from cart_items
       where cart_id in (select id from carts where status <> 'deleted')
       union all
       select cart_id, item_id, 0, -delta from stock_movements where cart_id is not null and reason = 'sale') both_sides
     where cart_id not in (select id from carts where adopted_at is not null)
     group by cart_id, item_id) carts
   where held <> taken`,
  `select 'Of cart ' || cart_id || ', ' || refunded || ' of item ' || item_id || ' went back to the shelf, not ' || moved
     as problem
   from (
     select cart_id, item_id, sum(refunded) as refunded, sum(moved) as moved from (
       select refund.cart_id, line.item_id, line.quantity as refunded, 0 as moved
       from cart_refund_lines line join cart_refunds refund on refund.id = line.refund_id where line.restock
       union all
       select cart_id, item_id, 0, delta from stock_movements where cart_id is not null and reason = 'return') both_sides
     group by cart_id, item_id) carts
   where refunded <> moved`,
  `select 'Cart ' || id || ' is not the sum of its lines' as problem from carts
   where status = 'completed' and (
     subtotal <> (select coalesce(sum(line_subtotal), 0) from cart_items where cart_id = carts.id)
     or discount_total <> (select coalesce(sum(line_discount), 0) from cart_items where cart_id = carts.id)
     or tax_total <> (select coalesce(sum(line_tax), 0) from cart_items where cart_id = carts.id)
     or total <> (select coalesce(sum(line_total), 0) from cart_items where cart_id = carts.id))`,
  `select 'Cart ' || id || ' is not what was paid' as problem from carts
   where status = 'completed' and total <> (select sum(amount) from cart_payments where cart_id = carts.id)`,
  `select 'Refund ' || id || ' is not the sum of its lines' as problem from cart_refunds
   where amount <> (select sum(amount) from cart_refund_lines where refund_id = cart_refunds.id)`,
  `select 'Line ' || id || ' is not refunded as its refunds say' as problem from cart_items
   where refunded_quantity <>
     (select coalesce(sum(quantity), 0) from cart_refund_lines where cart_item_id = cart_items.id)`,
  `select 'Line ' || line.id || ' holds stock, or does not, as its cart does not' as problem
   from cart_items line join carts cart on cart.id = line.cart_id
   where (line.stock_entry_id is not null) <> (cart.status = 'draft')`,
];

/** In what carts, refunds, stock and ledger don't agree; nothing when all is well. No program may be writing. */
export async function salesDisagreements(databaseUrl: string): Promise<string[]> {
  const found: unknown[] = [];
  for (const statement of PROBLEMS) {
    found.push(...(await queryDatabase(databaseUrl, statement)).map(({ problem }) => problem));
  }
  return [...found.map(String), ...(await wrongHashes(databaseUrl))];
}

async function wrongHashes(databaseUrl: string): Promise<string[]> {
  const read = (table: string) => queryDatabase(databaseUrl, `select * from ${table} order by id`);
  const [carts, lines, payments] = [
    await read('carts'),
    await read('cart_items'),
    await read('cart_payments'),
  ];
  const [refunds, refundLines] = [await read('cart_refunds'), await read('cart_refund_lines')];
  const isSealed = (cart: Row) =>
    cart.hash === cartHash(cart as never, ofCart(lines, cart) as never, ofCart(payments, cart) as never);
  const isRefundSealed = (refund: Row) =>
    refund.hash ===
    refundHash(refund as never, refundLines.filter(({ refund_id }) => refund_id === refund.id) as never);
  return [
    ...carts
      .filter((cart) => cart.status === 'completed' && !isSealed(cart))
      .map(({ id }) => `The hash of cart ${id} is wrong`),
    ...refunds
      .filter((refund) => !isRefundSealed(refund))
      .map(({ id }) => `The hash of refund ${id} is wrong`),
  ];
}

function ofCart(rows: Row[], { id }: Row): Row[] {
  return rows.filter(({ cart_id }) => cart_id === id);
}
