import { Check as TypeOrmCheck, ForeignKey as TypeOrmForeignKey, Index } from 'typeorm';
import type { ErrorCode, ErrorCodeOf } from '../errors/error-code.js';

/** The response to a client when a constraint is violated. It stands on the entity; {@link ConstraintViolation} finds it by the constraint's name. */
interface ConstraintMessages {
  /** The sentence for a write that breaks the rule. */
  violated?: string;
  code?: ErrorCode;
  /** The sentence for a delete that a foreign key forbids. */
  inUse?: string;
  inUseCode?: ErrorCode;
}

const messagesByName = new Map<string, ConstraintMessages>();

export function messagesOf(constraint: string | undefined): ConstraintMessages {
  return messagesByName.get(constraint ?? '') ?? {};
}

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

export function Check(rule: {
  name: string;
  expression: string;
  violated: string;
  code?: ErrorCodeOf<409>;
}): ClassDecorator {
  messagesByName.set(rule.name, rule);
  return TypeOrmCheck(rule.name, rule.expression);
}

/** A foreign key. The target is given by its class name, so that features need not import each other. */
export function ForeignKey(
  target: string,
  rule: {
    name: string;
    onDelete: 'RESTRICT' | 'CASCADE' | 'SET NULL';
    violated?: string;
    code?: ErrorCodeOf<404>;
    inUse?: string;
    inUseCode?: ErrorCodeOf<409>;
  },
): PropertyDecorator {
  messagesByName.set(rule.name, rule);
  return TypeOrmForeignKey(target, { name: rule.name, onDelete: rule.onDelete });
}
