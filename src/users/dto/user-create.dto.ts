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
   * The e-mail address; stored in lower case, with its domain in readable form (not as punycode), unique among users that are
   * not deleted.
   * @example "maria@corner-cafe.example"
   */
  @EmailField()
  email!: string;

  /**
   * The name to log in with; unique among users that are not deleted, ignoring letter case.
   * @example "maria"
   */
  @PatternField(/^[A-Za-z0-9_]+$/, { min: 3, max: 50 })
  username!: string;

  /**
   * The name that colleagues see. Empty text counts as null.
   * @example "Maria Rossi"
   */
  @TextField({ max: 100, emptyAsNull: true, nullable: true, optional: true })
  full_name?: string | null;

  /**
   * Between 8 and 128 characters, with at least one upper-case letter and one digit.
   * @example "Espresso2Go"
   */
  @NewPasswordField()
  password!: string;

  /**
   * The role of the person; the default for a new user is `employee`.
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
