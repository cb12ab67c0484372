/** Why a quantity changed. */
export enum MovementReason {
  /** The item was put in stock. */
  Initial = 'initial',
  /** It came from a supplier. */
  Delivery = 'delivery',
  Sale = 'sale',
  /** A customer brought it back, or it went back to a supplier. */
  Return = 'return',
  /** It was thrown away. */
  Waste = 'waste',
  /** An earlier movement was wrong. */
  Correction = 'correction',
  /** Somebody counted the stock. */
  Count = 'count',
  /** The item was removed from stock, or deleted. */
  Removal = 'removal',
}
