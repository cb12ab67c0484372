import type { Examples } from '../../platform/docs/examples.js';
import { ApiProperty } from '@nestjs/swagger';
import { NewPasswordField, TextField } from '../../platform/validation/fields.js';

export class PasswordChange {
  /**
   * Your current password.
   * @example "Admin1234!"
   */
  @TextField({ min: 1, max: 1024, verbatim: true })
  @ApiProperty({ format: 'password' })
  old_password!: string;

  /**
   * Between 8 and 128 characters, with at least one upper-case letter and one digit.
   * @example "Espresso2Go"
   */
  @NewPasswordField()
  new_password!: string;
}

export const PASSWORD_CHANGE_EXAMPLES: Examples<PasswordChange> = {
  same: {
    summary: 'The same password again, to log out everybody else who has it or a token',
    value: { old_password: 'Admin1234!', new_password: 'Admin1234!' },
  },
  another: {
    summary: 'A different password',
    value: { old_password: 'Admin1234!', new_password: 'Espresso2Go' },
  },
};
