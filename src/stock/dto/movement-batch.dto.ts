import { IdField, ListField } from '../../platform/validation/fields.js';
import { MovementCreate } from './movement-create.dto.js';

const MAX_BATCH_SIZE = 100;

export class BatchedMovement extends MovementCreate {
  /** @example 1 */
  @IdField()
  item_id!: number;
}

export class MovementBatch {
  /** All of them are recorded or none. */
  @ListField(BatchedMovement, { min: 1, max: MAX_BATCH_SIZE })
  movements!: BatchedMovement[];
}
