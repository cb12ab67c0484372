import { PartialType } from '@nestjs/swagger';
import { CategoryCreate } from './category-create.dto.js';

/** What is left out stays as it is; null empties the description. */
export class CategoryUpdate extends PartialType(CategoryCreate, { skipNullProperties: false }) {}
