import { PartialType, PickType } from '@nestjs/swagger';
import type { Examples } from '../../platform/docs/examples.js';
import { StocktakeCreate } from './stocktake-create.dto.js';

/** Fields that are left out do not change. What is counted stays. */
export class StocktakeUpdate extends PartialType(
  PickType(StocktakeCreate, ['name', 'assigned_to', 'due_at'] as const),
  { skipNullProperties: false },
) {}

export const STOCKTAKE_UPDATE_EXAMPLES: Examples<StocktakeUpdate> = {
  reassign: { summary: 'Others count', value: { assigned_to: [1] } },
  later: { summary: 'It can wait', value: { due_at: '2026-03-02T16:00:00Z' } },
};
