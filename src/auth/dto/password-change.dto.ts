import { ApiProperty } from '@nestjs/swagger';
import { NewPasswordField, TextField } from '../../validation/fields.js';

export class PasswordChange {
  /** @example "Admin1234!" */
  @TextField({ min: 1, max: 1024, verbatim: true })
  @ApiProperty({ format: 'password' })
  old_password!: string;

  /**
   * Has 8 to 128 characters, an upper-case letter and a digit.
   * @example "Espresso2Go"
   */
  @NewPasswordField()
  new_password!: string;
}
