import { Injectable } from '@nestjs/common';
import type { CurrentUser } from '../platform/authorization/current-user.decorator.js';
import { Versioned } from '../platform/http/versioned.js';
import { PreconditionFailedException } from '../platform/errors/precondition-failed.exception.js';
import type { RowVersion } from '../platform/database/row-version.js';
import { CodedException } from '../platform/errors/coded.exception.js';
import { type ListResponse, toListResponse } from '../platform/lists/page.js';
import { CategoriesRepository } from './categories.repository.js';
import type { CategoryCreate } from './dto/category-create.dto.js';
import type { CategoryListQuery } from './dto/category-list-query.dto.js';
import { type CategoryResponse, categoryResponseOf } from './dto/category-response.dto.js';
import type { CategoryUpdate } from './dto/category-update.dto.js';

/** Categories of items. The database ensures that names are unique and that a category with items can't be deleted. */
@Injectable()
export class CategoriesService {
  constructor(private readonly categories: CategoriesRepository) {}

  async create(
    { name, description = null, sort_order = 0 }: CategoryCreate,
    actor: Pick<CurrentUser, 'id'>,
  ): Promise<Versioned<CategoryResponse>> {
    const category = await this.categories.insert({ name, description, sort_order }, actor.id);
    return new Versioned(category, categoryResponseOf(category));
  }

  async list(query: CategoryListQuery): Promise<ListResponse<CategoryResponse>> {
    return toListResponse(await this.categories.list(query, query), categoryResponseOf);
  }

  /** @throws CodedException 404 */
  async get(id: number): Promise<Versioned<CategoryResponse>> {
    const category = (await this.categories.findById(id)) ?? throwNotFound();
    return new Versioned(category, categoryResponseOf(category));
  }

  /** @throws CodedException 404, PreconditionFailedException when the category is in none of the expected versions */
  async update(
    id: number,
    changes: CategoryUpdate,
    actor: CurrentUser,
    expected?: RowVersion[],
  ): Promise<Versioned<CategoryResponse>> {
    const category = await this.categories.update(id, changes, actor.id, expected);
    return category
      ? new Versioned(category, categoryResponseOf(category))
      : this.throwNotFoundOrModified(id, expected);
  }

  /** @throws CodedException 404, PreconditionFailedException */
  async delete(id: number, expected?: RowVersion[]): Promise<void> {
    if (!(await this.categories.delete(id, expected))) await this.throwNotFoundOrModified(id, expected);
  }

  /** The ids of all categories, by name. */
  findIds(): Promise<Map<string, number>> {
    return this.categories.findIds();
  }

  isEmpty(): Promise<boolean> {
    return this.categories.isEmpty();
  }

  /** Says why a write met no row: it is gone, or in none of the expected states. */
  private async throwNotFoundOrModified(id: number, expected: RowVersion[] | undefined): Promise<never> {
    if (expected && (await this.categories.findById(id))) throw new PreconditionFailedException();
    throwNotFound();
  }
}

function throwNotFound(): never {
  throw new CodedException(404, 'category_not_found', 'Category not found');
}
