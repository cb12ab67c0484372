import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { BYTE_ORDER, Timestamp } from '../platform/database/columns.js';
import { Check, ForeignKey } from '../platform/database/constraints.js';

/** `receiving` until all of the file is there, then `waiting` for a process that carries it out. */
export enum ItemImportStatus {
  Receiving = 'receiving',
  Waiting = 'waiting',
  Running = 'running',
  Succeeded = 'succeeded',
  Failed = 'failed',
}

/** The import of a file with many rows, which goes on when its request has ended. */
@Entity('item_imports')
@Index('ix_item_imports_status', ['status', 'id'])
@Check({
  name: 'ck_item_imports_status',
  expression: `status = 'receiving' or status = 'waiting' or status = 'running' or status = 'succeeded' or status = 'failed'`,
  violated: 'An import is received, waits, runs, or has ended',
})
export class ItemImport {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('varchar', { length: 10 })
  status!: ItemImportStatus;

  /** Whether it only finds out what it would do: 1, or else 0. */
  @Column('integer')
  dry_run!: number;

  /** {@link ImportFileSummary} as JSON; null until all of the file is there. */
  @Column('text', { nullable: true })
  file!: string | null;

  /** How many rows have been compared with the catalogue, and written to it. */
  @Column('integer')
  checked_rows!: number;

  @Column('integer')
  written_rows!: number;

  /** How often a process has begun to carry it out. Who has begun before is too late to write anything. */
  @Column('integer')
  attempt!: number;

  /** Until then it belongs to the process that carries it out. */
  @Timestamp({ ...BYTE_ORDER, nullable: true })
  leased_until!: string | null;

  /** {@link ImportResult} as JSON, when it has succeeded. */
  @Column('text', { nullable: true })
  result!: string | null;

  /** The first {@link ImportIssue}s as JSON; null when there are none. */
  @Column('text', { nullable: true })
  issues!: string | null;

  @Column('integer')
  issue_count!: number;

  /** Why it has failed, as JSON with `detail` and `code`, when that is not because of {@link issues}. */
  @Column('text', { nullable: true })
  error!: string | null;

  @Column('integer')
  @ForeignKey('User', { name: 'fk_item_imports_created_by', onDelete: 'RESTRICT' })
  created_by!: number;

  @Timestamp(BYTE_ORDER)
  @Index('ix_item_imports_created_at')
  created_at!: string;

  @Timestamp({ ...BYTE_ORDER, nullable: true })
  finished_at!: string | null;
}
