import { Injectable, NotFoundException } from '@nestjs/common';
import type { CurrentUser } from '../access/current-user.decorator.js';
import { CategoriesRepository } from './categories.repository.js';
import type { CategoryCreate } from './dto/category-create.dto.js';
import type { CategoryListQuery } from './dto/category-list-query.dto.js';
import { type CategoryResponse, categoryResponseOf } from './dto/category-response.dto.js';
import type { CategoryUpdate } from './dto/category-update.dto.js';

/** The shelves of the shop. Names are unique, and a category with items stays: the database sees to both. */
@Injectable()
export class CategoriesService {
  constructor(private readonly categories: CategoriesRepository) {}

  async create(
    { name, description = null }: CategoryCreate,
    by: Pick<CurrentUser, 'id'>,
  ): Promise<CategoryResponse> {
    return categoryResponseOf(await this.categories.insert({ name, description }, by.id));
  }

  async list(query: CategoryListQuery): Promise<CategoryResponse[]> {
    return (await this.categories.list(query, query)).answer(categoryResponseOf);
  }

  /** @throws NotFoundException */
  async get(id: number): Promise<CategoryResponse> {
    return categoryResponseOf((await this.categories.findById(id)) ?? notFound());
  }

  async update(id: number, changes: CategoryUpdate, by: CurrentUser): Promise<CategoryResponse> {
    return categoryResponseOf((await this.categories.update(id, changes, by.id)) ?? notFound());
  }

  async delete(id: number): Promise<void> {
    if (!(await this.categories.delete(id))) notFound();
  }

  hasNone(): Promise<boolean> {
    return this.categories.isEmpty();
  }
}

function notFound(): never {
  throw new NotFoundException('Category not found');
}
