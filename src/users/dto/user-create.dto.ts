import type { Examples } from '../../platform/docs/examples.js';
import { Role } from '../../platform/authorization/role.js';
import {
  EmailField,
  EnumField,
  NewPasswordField,
  PatternField,
  TextField,
} from '../../platform/validation/fields.js';

export class UserCreate {
  /**
   * Where the person gets mail; kept in lower case, its domain as people read it (not as punycode), unique among users that
   * are not deleted.
   * @example "maria@corner-cafe.example"
   */
  @EmailField()
  email!: string;

  /**
   * What the person logs in with; unique among users that are not deleted, whatever the letter case.
   * @example "maria"
   */
  @PatternField(/^[A-Za-z0-9_]+$/, { min: 3, max: 50 })
  username!: string;

  /**
   * The name that colleagues read. Empty text is none, as null is.
   * @example "Maria Rossi"
   */
  @TextField({ max: 100, emptyAsNull: true, nullable: true, optional: true })
  full_name?: string | null;

  /**
   * At least one upper-case letter and one digit.
   * @example "Espresso2Go"
   */
  @NewPasswordField()
  password!: string;

  /**
   * What the person may do; a new user is an `employee` unless an admin says otherwise.
   * @example "employee"
   */
  @EnumField(Role, 'Role', { optional: true })
  role?: Role;
}

export const USER_CREATE_EXAMPLES: Examples<UserCreate> = {
  employee: {
    summary: 'An employee',
    value: {
      email: 'maria@corner-cafe.example',
      username: 'maria',
      full_name: 'Maria Rossi',
      password: 'Espresso2Go',
    },
  },
  owner: {
    summary: 'A market owner',
    value: {
      email: 'luca@corner-cafe.example',
      username: 'luca',
      full_name: 'Luca Rossi',
      password: 'Cappuccino4You',
      role: Role.MarketOwner,
    },
  },
};
