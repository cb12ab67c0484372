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
  /** An earlier record was wrong. */
  Correction = 'correction',
  /** Somebody counted what is there. */
  Count = 'count',
  /** The item was taken out of stock, or deleted. */
  Removal = 'removal',
}
