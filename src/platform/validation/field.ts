import { applyDecorators } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ValidateBy, ValidateIf } from 'class-validator';
import { FIELD_REQUIRED } from './validation-issue.js';

/** Whether a client has to send a field. It does unless this says otherwise. */
export interface Presence {
  /** May be left out, always or where the DTO says so. */
  optional?: boolean | ((dto: object) => boolean);
  /** May be null, which empties the field. */
  nullable?: boolean | ((dto: object) => boolean);
  /** May be null, which counts as left out. */
  nullAsMissing?: boolean;
}

/** A decorator for properties that hold a `Value`, or null, or nothing: the compiler refuses it for any other. */
export type FieldDecorator<Value> = <Name extends string>(
  target: Partial<Record<Name, Value | null>>,
  name: Name,
) => void;

/**
 * Turns what was sent into the value that the program works with, or returns undefined where it can't: then the value stays
 * as it was sent, and a check finds what is wrong with it. Never throws.
 *
 * @param fields all that was sent, for a value that depends on another
 */
export type Conversion = (sent: unknown, fields: Record<string, unknown>) => unknown;

/**
 * What all fields are made of: class-transformer converts the value, class-validator checks it.
 *
 * @param checks in order: the first one that fails is reported
 */
export function Field(
  presence: Presence,
  api: ApiPropertyOptions,
  convert: Conversion,
  checks: PropertyDecorator[],
): PropertyDecorator {
  const { optional = false, nullable = false, nullAsMissing = false } = presence;
  const mayBeAbsent = (dto: object, value: unknown) =>
    (value === undefined && holds(optional, dto)) || (value === null && holds(nullable, dto));
  return applyDecorators(
    Transform(({ value, obj }: { value: unknown; obj: Record<string, unknown> }) => {
      if (value === undefined || (nullAsMissing && value === null)) return undefined;
      const converted = convert(value, obj);
      return converted === undefined ? value : converted;
    }),
    Check(FIELD_REQUIRED.type, (value) => value !== undefined, FIELD_REQUIRED.msg),
    ...checks,
    ...(optional || nullable ? [ValidateIf((dto: object, value) => !mayBeAbsent(dto, value))] : []),
    ApiProperty({
      ...api,
      required: !optional,
      ...((nullable || nullAsMissing) && { nullable: true }),
    } as ApiPropertyOptions),
  );
}

/**
 * A constraint of class-validator, named after the type that Pydantic has for the issue.
 *
 * @param isMet is asked only when all checks before it are met, so `Value` may be what they leave
 */
export function Check<Value = unknown, Dto = object>(
  type: string,
  isMet: (value: Value, dto: Dto) => boolean,
  msg: string | ((value: Value, dto: Dto) => string),
): PropertyDecorator {
  return ValidateBy({
    name: type,
    validator: {
      validate: (value, args) => isMet(value as Value, args?.object as Dto),
      defaultMessage: (args) =>
        typeof msg === 'string' ? msg : msg(args?.value as Value, args?.object as Dto),
    },
  });
}

function holds(condition: boolean | ((dto: object) => boolean), dto: object): boolean {
  return typeof condition === 'function' ? condition(dto) : condition;
}
