import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { BYTE_ORDER, Timestamp } from '../platform/database/columns.js';
import { Check, ForeignKey } from '../platform/database/constraints.js';
import { RowVersionColumn } from '../platform/database/row-version.js';

export enum TaskStatus {
  Open = 'open',
  InProgress = 'in_progress',
  Done = 'done',
}

/** Something that somebody has to do. A trigger takes it from a user who is deactivated or deleted before it is done. */
@Entity('tasks')
@Index('ix_tasks_assigned_to', ['assigned_to', 'id'])
@Index('ix_tasks_status', ['status', 'id'])
@Index('ix_tasks_item', ['item_id', 'id'])
@Index('ix_tasks_stocktake', ['stocktake_id', 'id'])
@Index('ix_tasks_updated_at', ['updated_at', 'id'])
// Created by a migration: TypeORM's decorators can't describe an index on an expression, here `coalesce(due_at, '')`.
@Index('ix_tasks_due_at', { synchronize: false })
@Check({
  name: 'ck_tasks_status',
  expression: `status = 'open' or status = 'in_progress' or status = 'done'`,
  violated: 'A task is open, in progress or done',
})
@Check({
  name: 'ck_tasks_completed',
  expression: `status = 'done' and completed_at is not null or status <> 'done' and completed_at is null`,
  violated: 'A task that is done has the time of that',
})
export class Task {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('varchar', { length: 200 })
  title!: string;

  @Column('varchar', { length: 2000, nullable: true })
  note!: string | null;

  @Column('varchar', { length: 11 })
  status!: TaskStatus;

  /** The user who does it; null for whoever has time. */
  @Column('integer', { nullable: true })
  @ForeignKey('User', { name: 'fk_tasks_assigned_to', onDelete: 'RESTRICT' })
  assigned_to!: number | null;

  /** The item that it is about. */
  @Column('integer', { nullable: true })
  @ForeignKey('Item', {
    name: 'fk_tasks_item',
    onDelete: 'SET NULL',
    violated: 'Item not found',
    code: 'item_not_found',
  })
  item_id!: number | null;

  /** The stocktake to count. It has no foreign key, which SQLite can't add to a table: no stocktake is ever deleted. */
  @Column('integer', { nullable: true })
  stocktake_id!: number | null;

  @Timestamp({ nullable: true, ...BYTE_ORDER })
  due_at!: string | null;

  @Timestamp({ nullable: true, ...BYTE_ORDER })
  completed_at!: string | null;

  @Column('integer')
  @ForeignKey('User', { name: 'fk_tasks_created_by', onDelete: 'RESTRICT' })
  created_by!: number;

  @Column('integer')
  @ForeignKey('User', { name: 'fk_tasks_updated_by', onDelete: 'RESTRICT' })
  updated_by!: number;

  @Timestamp(BYTE_ORDER)
  created_at!: string;

  @Timestamp(BYTE_ORDER)
  updated_at!: string;

  @RowVersionColumn()
  version!: number;
}
