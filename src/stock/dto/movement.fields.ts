import { MovementReason } from '../../ledger/movement-reason.js';
import { toScaled } from '../../platform/validation/conversions.js';
import { Check, Field, type FieldDecorator } from '../../platform/validation/field.js';
import { decimalChecks, TimestampField } from '../../platform/validation/fields.js';
import { FIELD_REQUIRED } from '../../platform/validation/validation-issue.js';
import { isAhead } from '../occurred-at.js';
import { MAX_IN_STOCK } from '../quantity.js';
import type { TenThousandths, Thousandths } from '../../platform/validation/decimal.js';

/** Reasons that only add, and only take away: the other way round, a client forgot a sign. */
const ADDING = [MovementReason.Delivery];
const TAKING = [MovementReason.Sale, MovementReason.Waste];
/** Reasons that a quantity can be counted for. */
const COUNTING = [MovementReason.Count, MovementReason.Correction];

const MAX_COST = 1_000_000_000;

/** What else a movement says. */
interface Sent {
  reason?: unknown;
  counted_quantity?: unknown;
}

/** How much came, or went below zero, in the item's unit. */
export function DeltaField(): FieldDecorator<Thousandths> {
  const isCounted = (dto: Sent) => isGiven(dto.counted_quantity);
  return Field(
    { optional: isCounted, nullable: isCounted },
    {
      type: 'number',
      minimum: -MAX_IN_STOCK,
      maximum: MAX_IN_STOCK,
    },
    (sent) => toScaled(sent, 3),
    [
      Check(FIELD_REQUIRED.type, (delta) => delta !== null, FIELD_REQUIRED.msg),
      ValueCheck((_, dto) => !isCounted(dto), 'delta and counted_quantity exclude each other'),
      ValueCheck((_, { reason }) => reason !== MovementReason.Count, 'a count takes counted_quantity'),
      ...decimalChecks({ places: 3, min: -MAX_IN_STOCK, max: MAX_IN_STOCK }),
      ValueCheck((delta) => delta !== 0, 'a movement changes something'),
      ValueCheck(
        (delta, { reason }) => delta > 0 || !isOneOf(ADDING, reason),
        (reason) => `${reason} adds: delta is above zero`,
      ),
      ValueCheck(
        (delta, { reason }) => delta < 0 || !isOneOf(TAKING, reason),
        (reason) => `${reason} takes away: delta is below zero`,
      ),
    ],
  );
}

/** What somebody counted: the difference to what is in stock is what changed. */
export function CountedQuantityField(): FieldDecorator<Thousandths> {
  const limits = { places: 3, min: 0, max: MAX_IN_STOCK };
  return Field(
    { optional: true, nullable: true },
    {
      type: 'number',
      minimum: limits.min,
      maximum: limits.max,
    },
    (sent) => toScaled(sent, limits.places),
    [
      ValueCheck(
        (_, { reason }) => reason === undefined || isOneOf(COUNTING, reason),
        'only a count or a correction takes counted_quantity',
      ),
      ...decimalChecks(limits),
    ],
  );
}

/** What one unit of a delivery cost. */
export function DeliveryCostField(): FieldDecorator<TenThousandths> {
  const limits = { places: 4, min: 0, max: MAX_COST };
  return Field(
    { optional: true, nullable: true },
    { type: 'number', minimum: limits.min, maximum: limits.max },
    (sent) => toScaled(sent, limits.places),
    [
      ValueCheck(
        (_, { reason }) => reason === undefined || reason === MovementReason.Delivery,
        'only a delivery takes unit_cost',
      ),
      ...decimalChecks(limits),
    ],
  );
}

/** When it happened. How long ago is for the service to check: a request that is sent again is answered as before. */
export function OccurredAtField(): FieldDecorator<string> {
  return TimestampField({ optional: true, nullable: true }, [
    Check<string>(
      'value_error',
      (time) => !isAhead(time),
      'Value error, a movement is not recorded ahead of time',
    ),
  ]);
}

function ValueCheck(
  isMet: (value: number, dto: Sent) => boolean,
  sentence: string | ((reason: string) => string),
): PropertyDecorator {
  return Check<number, Sent>('value_error', isMet, (_, { reason }) => {
    const text = typeof sentence === 'string' ? sentence : sentence(reason as string);
    return `Value error, ${text}`;
  });
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function isOneOf(reasons: MovementReason[], reason: unknown): boolean {
  return reasons.includes(reason as MovementReason);
}
