import { ApiProperty } from '@nestjs/swagger';
import { TextField } from '../../platform/validation/fields.js';

export class LoginRequest {
  /**
   * A username or an e-mail address, in any letter case; i, I, İ and ı count as one letter.
   * @example "admin"
   */
  @TextField({ min: 1, max: 254 })
  username!: string;

  /**
   * The password, as it was registered.
   * @example "Admin1234!"
   */
  @TextField({ min: 1, max: 1024, verbatim: true })
  @ApiProperty({ format: 'password' })
  password!: string;

  /** OAuth2 clients send it. There is only one way to log in, so it may be left out. */
  grant_type?: 'password';
}
