import { Injectable } from '@nestjs/common';
import { createdBy, updatedBy } from '../common/authorship.js';
import { Database } from '../database/database.js';
import { nameKey } from '../database/name-key.js';
import { sql, type SqlFragment } from '../database/sql.js';
import { Item } from './item.entity.js';

export type ItemValues = Pick<
  Item,
  | 'category_id'
  | 'name'
  | 'description'
  | 'sku'
  | 'barcode'
  | 'image_url'
  | 'unit_price'
  | 'unit_type'
  | 'tax_rate'
  | 'discount_rate'
>;

/** The queries on `items`. */
@Injectable()
export class ItemsRepository {
  constructor(private readonly database: Database) {}

  /** @throws ConstraintViolation `uq_items_sku`, `fk_items_category` */
  insert(values: ItemValues, userId: number): Promise<Item> {
    return this.database.insert(Item, {
      ...values,
      name_key: nameKey(values.name),
      ...createdBy(userId),
    });
  }

  listByName(): Promise<Item[]> {
    return this.database.read<Item>`select * from items order by name_key, id`;
  }

  listCategoryByName(categoryId: number): Promise<Item[]> {
    return this.database.read<Item>`
      select * from items where category_id = ${categoryId} order by name_key, id`;
  }

  /** Items whose name has the text in it, in any letter case and with or without accents. */
  search(text: string): Promise<Item[]> {
    return this.database.read<Item>`
      select * from items where ${this.nameContains(nameKey(text))} order by name_key, id`;
  }

  async findById(id: number): Promise<Item | undefined> {
    const [item] = await this.database.read<Item>`select * from items where id = ${id}`;
    return item;
  }

  /** @throws ConstraintViolation `uq_items_sku`, `fk_items_category` */
  update(id: number, changes: Partial<ItemValues>, userId: number): Promise<Item | undefined> {
    return this.database.update(Item, sql`id = ${id}`, {
      ...changes,
      name_key: changes.name === undefined ? undefined : nameKey(changes.name),
      ...updatedBy(userId),
    });
  }

  /** Deletes the item and, by the foreign key, its stock entry. Answers whether there was such an item. */
  async delete(id: number): Promise<boolean> {
    return (await this.database.write`delete from items where id = ${id} returning id`).length > 0;
  }

  /** Written for the trigram index of each engine; a text shorter than a trigram is looked for in every name. */
  private nameContains(key: string): SqlFragment {
    if (!this.database.isSqlite) return sql`name_key like ${`%${key.replace(/[\\%_]/g, '\\$&')}%`}`;
    if ([...key].length < 3) return sql`instr(name_key, ${key}) > 0`;
    const pattern = `*${key.replace(/[*?[]/g, '[$&]')}*`;
    return sql`id in (select rowid from item_names where name_key glob ${pattern})`;
  }
}
