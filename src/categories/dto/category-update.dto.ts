import type { Examples } from '../../platform/docs/examples.js';
import { PartialType } from '@nestjs/swagger';
import { CategoryCreate } from './category-create.dto.js';

/** Fields that are left out do not change. Null empties the description. */
export class CategoryUpdate extends PartialType(CategoryCreate, { skipNullProperties: false }) {}

export const CATEGORY_UPDATE_EXAMPLES: Examples<CategoryUpdate> = {
  describe: {
    summary: 'Change the description',
    value: { description: 'Fruit, vegetables and herbs, delivered every morning' },
  },
  rename: { summary: 'Another name', value: { name: 'Fruit & Vegetables' } },
  empty: { summary: 'Without a description', value: { description: null } },
};
