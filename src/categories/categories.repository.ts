import { Injectable } from '@nestjs/common';
import { createdBy, updatedBy } from '../platform/database/authorship.js';
import { Database } from '../platform/database/database.js';
import { nameKey } from '../platform/database/name-key.js';
import { hasOneOfVersions, type RowVersion } from '../platform/database/row-version.js';
import { allOf, sql } from '../platform/database/sql.js';
import { type List, readList } from '../platform/lists/page.js';
import type { PageRequest } from '../platform/lists/page-query.dto.js';
import { Category } from './category.entity.js';

export type CategoryValues = Pick<Category, 'name' | 'description' | 'sort_order'>;

/** The queries on `categories`. */
@Injectable()
export class CategoriesRepository {
  constructor(private readonly database: Database) {}

  /** @throws ConstraintViolation `uq_categories_name` */
  insert(values: CategoryValues, userId: number): Promise<Category> {
    return this.database.insert(Category, {
      ...values,
      name_key: nameKey(values.name),
      ...createdBy(userId, this.database.clock.now()),
    });
  }

  list({ updated_since }: { updated_since?: string }, page: PageRequest): Promise<List<Category>> {
    const condition = allOf(updated_since === undefined ? undefined : sql`updated_at >= ${updated_since}`);
    return readList(this.database, 'categories', condition, page);
  }

  async findById(id: number): Promise<Category | undefined> {
    const [category] = await this.database.read<Category>`select * from categories where id = ${id}`;
    return category;
  }

  /** The ids of all categories, by name. */
  async findIds(): Promise<Map<string, number>> {
    const categories = await this.database.read<
      Pick<Category, 'id' | 'name'>
    >`select id, name from categories`;
    return new Map(categories.map(({ id, name }) => [name, id]));
  }

  async isEmpty(): Promise<boolean> {
    return (await this.database.read`select 1 from categories limit 1`).length === 0;
  }

  /** @throws ConstraintViolation `uq_categories_name` */
  update(
    id: number,
    changes: Partial<CategoryValues>,
    userId: number,
    expected?: RowVersion[],
  ): Promise<Category | undefined> {
    return this.database.update(Category, sql`id = ${id} and ${hasOneOfVersions(expected)}`, {
      ...changes,
      name_key: changes.name === undefined ? undefined : nameKey(changes.name),
      ...updatedBy(userId, this.database.clock.now()),
    });
  }

  /**
   * Returns whether there was such a category in an expected version.
   *
   * @throws ConstraintViolation `fk_items_category` while it has items
   */
  async delete(id: number, expected?: RowVersion[]): Promise<boolean> {
    const deleted = await this.database.write`
      delete from categories where id = ${id} and ${hasOneOfVersions(expected)} returning id`;
    return deleted.length > 0;
  }
}
