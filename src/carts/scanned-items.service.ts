import { Injectable } from '@nestjs/common';
import { Role } from '../platform/authorization/role.js';
import { barcodeOf } from '../items/dto/barcode.field.js';
import { ItemsService } from '../items/items.service.js';
import { type Thousandths, thousandths } from '../platform/validation/decimal.js';
import { ValidationException } from '../platform/validation/validation.exception.js';
import type { Location } from '../platform/validation/validation-issue.js';
import type { CartItemCreate } from './dto/cart-item-create.dto.js';

const WEIGHTLESS = { type: 'value_error', msg: 'Value error, the label has no weight: send the quantity' };

/** Says which item a line is about, and how much of it. */
@Injectable()
export class ScannedItemsService {
  constructor(private readonly items: ItemsService) {}

  /**
   * @param location of the line in the request
   * @throws CodedException 404 when no item has the barcode, 409 when several have it
   * @throws ValidationException for the label of a scale with nothing on it
   */
  async resolve(
    { item_id, barcode, quantity }: CartItemCreate,
    location: Location = ['body'],
  ): Promise<{ item_id: number; quantity: Thousandths }> {
    // The DTO has one of the two, and a quantity with an id.
    if (barcode === undefined) return { item_id: item_id as number, quantity: quantity as Thousandths };
    const scanned = await this.items.scan(barcodeOf(barcode), Role.Employee);
    const read = quantity ?? thousandths(Math.round(scanned.quantity * 1000));
    if (read === 0) throw ValidationException.of(WEIGHTLESS, ...location, 'barcode');
    return { item_id: scanned.item.id, quantity: read };
  }
}
