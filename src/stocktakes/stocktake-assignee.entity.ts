import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { ForeignKey } from '../platform/database/constraints.js';

/** A user who counts a stocktake. */
@Entity('stocktake_assignees')
@Index('uq_stocktake_assignees_user', ['user_id', 'stocktake_id'], { unique: true })
@Index('ix_stocktake_assignees_stocktake', ['stocktake_id', 'user_id'])
export class StocktakeAssignee {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('integer')
  @ForeignKey('Stocktake', { name: 'fk_stocktake_assignees_stocktake', onDelete: 'CASCADE' })
  stocktake_id!: number;

  @Column('integer')
  @ForeignKey('User', { name: 'fk_stocktake_assignees_user', onDelete: 'RESTRICT' })
  user_id!: number;
}
