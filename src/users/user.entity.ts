import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { Role } from '../platform/authorization/role.js';
import { BYTE_ORDER, Timestamp } from '../platform/database/columns.js';
import { Check, UniqueIndex } from '../platform/database/constraints.js';
import { RowVersionColumn } from '../platform/database/row-version.js';

/** A person who may log in. Deleting one marks the row; the name and address are free again from then on. */
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

  /** In the one form of all its spellings, by which it is found. */
  @Column('varchar', { length: 254 })
  email!: string;

  @Column('varchar', { length: 50 })
  username!: string;

  /** The one form of all spellings of the username: unique whatever its letter case. */
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

  /** Grows when the password changes or the account closes: tokens that carry a lower one are void. */
  @Column('integer')
  credentials_version!: number;

  @Timestamp(BYTE_ORDER)
  created_at!: string;

  @Timestamp(BYTE_ORDER)
  updated_at!: string;

  @RowVersionColumn()
  version!: number;
}
