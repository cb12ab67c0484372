import { IntersectionType, PickType } from '@nestjs/swagger';
import { CsvQuery } from '../../platform/csv/csv-query.dto.js';
import { Check } from '../../platform/validation/field.js';
import { DateField, EnumField, isDate } from '../../platform/validation/fields.js';
import { CartStatus } from '../cart.entity.js';
import { CartListQuery } from './cart-list-query.dto.js';

export class CartExportQuery extends IntersectionType(
  PickType(CartListQuery, ['desk_number', 'account_date']),
  CsvQuery,
) {
  /** Exports the carts with this status. Sums over several would count what was never sold. */
  @EnumField(CartStatus, 'CartStatus', { optional: true })
  status: CartStatus = CartStatus.Completed;

  /** Exports only the carts of this trading day and later ones. */
  @DateField({ optional: true })
  start_date?: string;

  /** Exports only the carts of this trading day and earlier ones. */
  @DateField({ optional: true }, [
    Check<string, { start_date?: unknown }>(
      'value_error',
      (end, { start_date }) => !isDate(start_date) || end >= start_date,
      'Value error, end_date is before start_date',
    ),
  ])
  end_date?: string;
}
