import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { Role } from '../platform/authorization/role.js';
import { BYTE_ORDER, Timestamp } from '../platform/database/columns.js';
import { Check, UniqueIndex } from '../platform/database/constraints.js';
import { RowVersionColumn } from '../platform/database/row-version.js';

/** Someone who can log in. Deleting a user only marks the row, and frees the username and the e-mail address. */
@Entity('users')
@UniqueIndex({
  name: 'uq_users_email',
  columns: ['email'],
  where: 'not is_deleted',
  violated: 'A user with this e-mail address already exists',
  code: 'email_taken',
})
@UniqueIndex({
  name: 'uq_users_username',
  columns: ['username_key'],
  where: 'not is_deleted',
  violated: 'A user with this username already exists',
  code: 'username_taken',
})
@Index('ix_users_username', ['username_key', 'id'])
@Index('ix_users_created_at', ['created_at', 'id'])
@Index('ix_users_updated_at', ['updated_at', 'id'])
@Check({
  name: 'ck_users_role',
  expression: `role in ('admin', 'market_owner', 'employee')`,
  violated: 'There is no such role',
})
@Check({
  name: 'ck_users_deleted',
  expression: 'is_deleted = (deleted_at is not null) and not (is_deleted and is_active)',
  violated: 'A deleted user is not active and has a time of deletion',
})
export class User {
  @PrimaryGeneratedColumn()
  id!: number;

  /** Normalized, so that every spelling finds the same user. */
  @Column('varchar', { length: 254 })
  email!: string;

  @Column('varchar', { length: 50 })
  username!: string;

  /** The username normalized, so that every spelling finds the same user. */
  @Column('varchar', { length: 50, ...BYTE_ORDER })
  username_key!: string;

  @Column('varchar', { length: 100, nullable: true })
  full_name!: string | null;

  @Column('varchar', { length: 60 })
  hashed_password!: string;

  @Column('varchar', { length: 12 })
  role!: Role;

  @Column('boolean')
  is_active!: boolean;

  @Column('boolean')
  is_deleted!: boolean;

  @Timestamp({ nullable: true })
  deleted_at!: string | null;

  /** Incremented when the password changes or the account is closed. Tokens with a lower version are invalid. */
  @Column('integer')
  credentials_version!: number;

  @Timestamp(BYTE_ORDER)
  created_at!: string;

  @Timestamp(BYTE_ORDER)
  updated_at!: string;

  @RowVersionColumn()
  version!: number;
}
