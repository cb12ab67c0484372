import { IntersectionType, OmitType } from '@nestjs/swagger';
import { isOwner, type Role } from '../../platform/authorization/role.js';
import { CsvQuery } from '../../platform/csv/csv-query.dto.js';
import { PAGING } from '../../platform/lists/page-query.dto.js';
import { MovementListQuery } from './movement-list-query.dto.js';
import type { MovementResponse } from './movement-response.dto.js';

export class MovementExportQuery extends IntersectionType(OmitType(MovementListQuery, PAGING), CsvQuery) {}

const EMPLOYEES_COLUMNS = [
  'id',
  'item_id',
  'item_name',
  'sku',
  'delta',
  'quantity_before',
  'quantity_after',
  'reason',
  'note',
  'reference',
  'occurred_at',
  'recorded_at',
  'created_by',
  'reverses_id',
  'counted_quantity',
  'compensates_id',
  'unit_price',
  'hash',
] as const satisfies (keyof MovementResponse)[];

/** The columns for owners: those of the movement as JSON. */
export const MOVEMENT_COLUMNS = [
  ...EMPLOYEES_COLUMNS,
  'unit_cost',
] as const satisfies (keyof MovementResponse)[];

/** The columns that a role sees. */
export function movementColumnsFor(role: Role): readonly (typeof MOVEMENT_COLUMNS)[number][] {
  return isOwner(role) ? MOVEMENT_COLUMNS : EMPLOYEES_COLUMNS;
}
