import { IntersectionType, OmitType, PartialType } from '@nestjs/swagger';
import { CATEGORY_NAME_LENGTH } from '../../categories/dto/category-create.dto.js';
import { ItemCreate } from '../../items/dto/item-create.dto.js';
import { IdField, TextField } from '../../platform/validation/fields.js';
import { StockUpdate } from '../../stock/dto/stock-update.dto.js';

/** A row of a file, by the rules that requests keep to. What a row does not state is left out. */
export class ItemImportRow extends PartialType(
  IntersectionType(OmitType(ItemCreate, ['category_id']), StockUpdate),
  { skipNullProperties: false },
) {
  @IdField({ optional: true })
  id?: number;

  /** The name of its category. */
  @TextField({ ...CATEGORY_NAME_LENGTH, optional: true })
  category?: string;
}
