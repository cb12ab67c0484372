import { Column, Entity, PrimaryColumn } from 'typeorm';
import { BYTE_ORDER } from '../platform/database/columns.js';

/** A day of the shop's calendar on which something was sold. Closing it and selling on it exclude each other by its row. */
@Entity('trading_days')
export class TradingDay {
  /** `2026-03-01`: the day that begins at `DAY_STARTS_AT` in the shop's time zone. */
  @PrimaryColumn('varchar', { length: 10, primaryKeyConstraintName: 'pk_trading_days', ...BYTE_ORDER })
  account_date!: string;

  @Column('boolean')
  is_closed!: boolean;
}
