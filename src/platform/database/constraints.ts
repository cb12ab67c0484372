import { Check as TypeOrmCheck, ForeignKey as TypeOrmForeignKey, Index } from 'typeorm';
import type { ErrorCode, ErrorCodeOf } from '../errors/error-code.js';

/**
 * Constraints with what a client is told when one is violated: a sentence, and a code where a program may act on it. Both
 * stand beside the rule, on the entity; {@link ConstraintViolation} finds them by the constraint's name.
 */
interface ConstraintMessages {
  /** For a write that breaks the rule. */
  violated?: string;
  code?: ErrorCode;
  /** For a delete that a foreign key forbids. */
  inUse?: string;
  inUseCode?: ErrorCode;
}

const messagesByName = new Map<string, ConstraintMessages>();

export function messagesOf(constraint: string | undefined): ConstraintMessages {
  return messagesByName.get(constraint ?? '') ?? {};
}

/** At most one row with these columns, among those that meet `where`. */
export function UniqueIndex(rule: {
  name: string;
  columns: string[];
  where?: string;
  violated: string;
  code?: ErrorCodeOf<409>;
}): ClassDecorator {
  messagesByName.set(rule.name, rule);
  return Index(rule.name, rule.columns, { unique: true, where: rule.where });
}

/** Every row meets the expression. */
export function Check(rule: {
  name: string;
  expression: string;
  violated: string;
  code?: ErrorCodeOf<409>;
}): ClassDecorator {
  messagesByName.set(rule.name, rule);
  return TypeOrmCheck(rule.name, rule.expression);
}

/** The column names a row of another table, whose entity is given by its class name: no room needs to import another. */
export function ForeignKey(
  target: string,
  rule: {
    name: string;
    onDelete: 'RESTRICT' | 'CASCADE';
    violated?: string;
    code?: ErrorCodeOf<404>;
    inUse?: string;
    inUseCode?: ErrorCodeOf<409>;
  },
): PropertyDecorator {
  messagesByName.set(rule.name, rule);
  return TypeOrmForeignKey(target, { name: rule.name, onDelete: rule.onDelete });
}
