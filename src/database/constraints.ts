import { Check as TypeOrmCheck, ForeignKey as TypeOrmForeignKey, Index } from 'typeorm';

/**
 * Constraints with the sentence that a client reads when one is violated. The sentence stands beside the rule, on the
 * entity; {@link ConstraintViolation} finds it by the constraint's name.
 */
interface Sentences {
  /** For a write that breaks the rule. */
  violated?: string;
  /** For a delete that a foreign key forbids. */
  inUse?: string;
}

const sentencesByName = new Map<string, Sentences>();

export function sentencesOf(constraint: string | undefined): Sentences {
  return sentencesByName.get(constraint ?? '') ?? {};
}

/** At most one row with these columns, among those that meet `where`. */
export function UniqueIndex(rule: {
  name: string;
  columns: string[];
  where?: string;
  violated: string;
}): ClassDecorator {
  sentencesByName.set(rule.name, rule);
  return Index(rule.name, rule.columns, { unique: true, where: rule.where });
}

/** Every row meets the expression. */
export function Check(rule: { name: string; expression: string; violated: string }): ClassDecorator {
  sentencesByName.set(rule.name, rule);
  return TypeOrmCheck(rule.name, rule.expression);
}

/** The column names a row of another table, whose entity is given by its class name: no room needs to import another. */
export function ForeignKey(
  target: string,
  rule: { name: string; onDelete: 'RESTRICT' | 'CASCADE'; violated?: string; inUse?: string },
): PropertyDecorator {
  sentencesByName.set(rule.name, rule);
  return TypeOrmForeignKey(target, { name: rule.name, onDelete: rule.onDelete });
}
