import type { Examples } from '../../platform/docs/examples.js';
import { MovementReason } from '../../ledger/movement-reason.js';
import type { MovementBatch } from './movement-batch.dto.js';
import type { MovementCreate } from './movement-create.dto.js';

export const MOVEMENT_EXAMPLES: Examples<MovementCreate> = {
  sale: {
    summary: 'Sold',
    value: { delta: -1.5, reason: MovementReason.Sale, reference: 'R-1001' },
  },
  delivery: {
    summary: 'Delivered',
    value: {
      delta: 20,
      reason: MovementReason.Delivery,
      reference: 'INV-2026-0815',
      note: 'For the Saturday market',
    },
  },
  bought: {
    summary: 'Delivered, with what it cost (owners only)',
    value: { delta: 20, reason: MovementReason.Delivery, reference: 'INV-2026-0816', unit_cost: 2.125 },
  },
  waste: {
    summary: 'Thrown away',
    value: { delta: -0.25, reason: MovementReason.Waste, note: 'Bruised' },
  },
  count: { summary: 'Counted', value: { counted_quantity: 12.5, reason: MovementReason.Count } },
};

export const MOVEMENT_BATCH_EXAMPLES: Examples<MovementBatch> = {
  receipt: {
    summary: 'Two lines of a receipt',
    value: {
      movements: [
        { item_id: 1, delta: -0.75, reason: MovementReason.Sale, reference: 'R-1002' },
        { item_id: 2, delta: -0.5, reason: MovementReason.Sale, reference: 'R-1002' },
      ],
    },
  },
};
