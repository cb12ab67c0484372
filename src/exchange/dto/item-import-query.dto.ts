import { CsvReading } from '../../platform/csv/csv-query.dto.js';
import { FlagField } from '../../platform/validation/fields.js';

export class ItemImportQuery extends CsvReading {
  /**
   * Find out what the import would do, and write nothing.
   * @example true
   */
  @FlagField({ optional: true })
  dry_run = false;
}
