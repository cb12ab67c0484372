import { IntersectionType, OmitType } from '@nestjs/swagger';
import { CsvQuery } from '../../platform/csv/csv-query.dto.js';
import { PAGING } from '../../platform/lists/page-query.dto.js';
import { DailyAccountListQuery } from './daily-account-list-query.dto.js';

export class DailyAccountExportQuery extends IntersectionType(
  OmitType(DailyAccountListQuery, PAGING),
  CsvQuery,
) {}
