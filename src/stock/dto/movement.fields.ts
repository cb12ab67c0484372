import { MovementReason } from '../../ledger/movement-reason.js';
import { Field } from '../../platform/validation/fields.js';
import { decimal, moment, type Parser } from '../../platform/validation/conversions.js';
import { FIELD_REQUIRED, Problem } from '../../platform/validation/validation-issue.js';
import { isAhead } from '../occurred-at.js';
import { MAX_IN_STOCK } from '../quantity.js';

/** Reasons that only add, and only take away: the other way round, a client forgot a sign. */
const ADDING = [MovementReason.Delivery];
const TAKING = [MovementReason.Sale, MovementReason.Waste];
/** Reasons that a quantity can be counted for. */
const COUNTING = [MovementReason.Count, MovementReason.Correction];

const changedBy = decimal({ places: 3, min: -MAX_IN_STOCK, max: MAX_IN_STOCK });
const quantity = decimal({ places: 3, min: 0, max: MAX_IN_STOCK });

/** How much came, or went below zero, in the item's unit. */
export function DeltaField(): PropertyDecorator {
  const parse: Parser<number | null> = (value, fields = {}) => {
    if (value === null) return isGiven(fields.counted_quantity) ? null : FIELD_REQUIRED;
    if (isGiven(fields.counted_quantity)) return wrong('delta and counted_quantity exclude each other');
    const { reason } = fields;
    if (reason === MovementReason.Count) return wrong('a count takes counted_quantity');
    const delta = changedBy(value);
    if (delta instanceof Problem) return delta;
    if (delta === 0) return wrong('a movement changes something');
    if (delta < 0 && isOneOf(ADDING, reason)) return wrong(`${reason} adds: delta is above zero`);
    if (delta > 0 && isOneOf(TAKING, reason)) return wrong(`${reason} takes away: delta is below zero`);
    return delta;
  };
  const isCounted = (dto: { counted_quantity?: unknown }) => isGiven(dto.counted_quantity);
  return Field(
    parse,
    { optional: isCounted },
    {
      type: 'number',
      minimum: -MAX_IN_STOCK,
      maximum: MAX_IN_STOCK,
      nullable: true,
      description:
        "How much came, or went (below zero), in the item's unit, with at most 3 decimals: above zero for a delivery, below for a sale and for waste.",
      example: -1.5,
    },
  );
}

/** What somebody counted: the difference to what is in stock is what changed. */
export function CountedQuantityField(): PropertyDecorator {
  const parse: Parser<number> = (value, { reason } = {}) =>
    reason === undefined || isOneOf(COUNTING, reason)
      ? quantity(value)
      : wrong('only a count or a correction takes counted_quantity');
  return Field(
    parse,
    { optional: true, nullable: true },
    {
      type: 'number',
      minimum: 0,
      maximum: MAX_IN_STOCK,
      description:
        'In place of delta, with a count or a correction: how much is there. Never null without delta.',
      example: 12.5,
    },
  );
}

/** When it happened, and hardly ahead. How long ago, the service looks at: who sends a request again is answered as before. */
export function OccurredAtField(): PropertyDecorator {
  const parse: Parser<string> = (value) => {
    const parsed = moment(value);
    if (parsed instanceof Problem) return parsed;
    return isAhead(parsed) ? wrong('a movement is not recorded ahead of time') : parsed;
  };
  return Field(
    parse,
    { optional: true, nullable: true },
    {
      type: 'string',
      format: 'date-time',
      description: 'When it happened: from 7 days back to 5 minutes ahead; now unless it is given.',
      example: '2026-03-01T07:00:00Z',
    },
  );
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function isOneOf(reasons: MovementReason[], reason: unknown): reason is MovementReason {
  return reasons.includes(reason as MovementReason);
}

function wrong(sentence: string): Problem {
  return new Problem('value_error', `Value error, ${sentence}`);
}
