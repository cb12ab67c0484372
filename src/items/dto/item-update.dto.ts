import { PartialType } from '@nestjs/swagger';
import { ItemCreate } from './item-create.dto.js';

/** What is left out stays as it is; null empties a field that may be empty. */
export class ItemUpdate extends PartialType(ItemCreate, { skipNullProperties: false }) {}
