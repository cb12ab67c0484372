import { applyDecorators } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { type ClassConstructor, Transform } from 'class-transformer';
import { ValidateBy, ValidateIf } from 'class-validator';
import { LONGEST_PASSWORD, SHORTEST_PASSWORD } from './password-policy.js';
import * as parse from './conversions.js';
import { Problem } from './validation-issue.js';
import { listOf } from './read-dto.js';

/**
 * Decorators for the properties of a request's DTO: one line says how the value is read, what it must be, and what the
 * API's documentation tells of it. A property is required unless the decorator is told `optional`.
 */
interface Presence {
  /** May be left out; some may only beside certain others, as they were read. */
  optional?: boolean | ((dto: object) => boolean);
  /** May be null, which empties it. */
  nullable?: boolean;
  /** May be null, which counts as left out. */
  nullAsMissing?: boolean;
}

/** @param limits emptyAsNull: of a nullable field, whose empty text is the same as null */
export function TextField({
  emptyAsNull,
  ...limits
}: parse.TextLimits & Presence & { emptyAsNull?: boolean }): PropertyDecorator {
  const parser = parse.text(limits);
  return Field<string | null>(emptyAsNull ? parse.emptyAsNull(parser) : parser, limits, {
    minLength: limits.min,
    maxLength: limits.max,
  });
}

export function PatternField(pattern: RegExp, limits: parse.TextLimits & Presence): PropertyDecorator {
  const { min: minLength, max: maxLength } = limits;
  return Field(parse.textLike(pattern, limits), limits, { minLength, maxLength, pattern: pattern.source });
}

export function EmailField(presence: Presence = {}): PropertyDecorator {
  return Field(parse.email, presence, { format: 'email', maxLength: parse.LONGEST_EMAIL });
}

/** An http or https address. */
export function UrlField(limits: parse.TextLimits & Presence): PropertyDecorator {
  return Field(parse.url(limits), limits, { format: 'uri', minLength: limits.min, maxLength: limits.max });
}

export function NewPasswordField(presence: Presence = {}): PropertyDecorator {
  return Field(parse.newPassword, presence, {
    format: 'password',
    minLength: SHORTEST_PASSWORD,
    maxLength: LONGEST_PASSWORD,
  });
}

export function EnumField(
  choices: Record<string, string>,
  enumName: string,
  presence: Presence = {},
): PropertyDecorator {
  return Field(parse.oneOf(choices), presence, { enum: choices, enumName });
}

export function FlagField(presence: Presence = {}): PropertyDecorator {
  return Field(parse.flag, presence, { type: 'boolean' });
}

export function IdField(presence: Presence = {}): PropertyDecorator {
  return Field(parse.id, presence, { type: 'integer' });
}

export function IntegerField(limits: { min: number; max: number } & Presence): PropertyDecorator {
  return Field(parse.integer(limits), limits, {
    type: 'integer',
    minimum: limits.min,
    maximum: limits.max,
  });
}

export function MomentField(presence: Presence = {}): PropertyDecorator {
  return Field(parse.moment, presence, { type: 'string', format: 'date-time' });
}

/**
 * The property holds a whole number of 10^-places. The documentation has no `multipleOf`: 0.07 is no multiple of 0.01 to
 * a validator that computes with floats, and generated clients would refuse it.
 */
export function DecimalField(limits: parse.DecimalLimits & Presence): PropertyDecorator {
  return Field(parse.decimal(limits), limits, {
    type: 'number',
    minimum: limits.min,
    maximum: limits.max,
  });
}

/** So many objects, each read into a DTO of its own. */
export function ListField(
  metatype: ClassConstructor<object>,
  limits: { min: number; max: number } & Presence,
): PropertyDecorator {
  return Field(listOf(metatype, limits), limits, {
    type: [metatype],
    minItems: limits.min,
    maxItems: limits.max,
  });
}

/** What the ones above are made of, and fields of one feature's own. */
export function Field<T>(
  parser: parse.Parser<T>,
  presence: Presence,
  api: ApiPropertyOptions,
): PropertyDecorator {
  const { optional, nullable, nullAsMissing } = presence;
  const read = nullable ? parse.nullable(parser) : parser;
  const mayMiss = typeof optional === 'function' ? optional : () => true;
  return applyDecorators(
    Transform(({ value, obj }: { value: unknown; obj: Record<string, unknown> }) =>
      value === undefined || (nullAsMissing && value === null) ? undefined : read(value, obj),
    ),
    ValidateBy({
      name: 'field',
      validator: { validate: (value) => value !== undefined && !(value instanceof Problem) },
    }),
    ...(optional ? [ValidateIf((dto: object, value) => value !== undefined || !mayMiss(dto))] : []),
    ApiProperty({
      ...api,
      required: !optional,
      ...((nullable ?? nullAsMissing) && { nullable: true }),
    } as ApiPropertyOptions),
  );
}
