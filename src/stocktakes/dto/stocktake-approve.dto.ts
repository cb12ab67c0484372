import type { Examples } from '../../platform/docs/examples.js';
import { EnumField } from '../../platform/validation/fields.js';
import { Uncounted } from '../stocktake.entity.js';

export class StocktakeApprove {
  /**
   * What becomes of items that nobody counted: `keep` (the default) leaves them as they are, `zero` says that nothing was there of
   * them.
   */
  @EnumField(Uncounted, 'Uncounted', { optional: true })
  uncounted?: Uncounted;
}

export const STOCKTAKE_APPROVE_EXAMPLES: Examples<StocktakeApprove> = {
  keep: { summary: 'What nobody counted stays', value: { uncounted: Uncounted.Keep } },
};
