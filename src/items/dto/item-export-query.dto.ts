import { IntersectionType, OmitType } from '@nestjs/swagger';
import { CsvQuery } from '../../platform/csv/csv-query.dto.js';
import { PAGING } from '../../platform/lists/page-query.dto.js';
import { ItemListQuery } from './item-list-query.dto.js';

export class ItemExportQuery extends IntersectionType(OmitType(ItemListQuery, PAGING), CsvQuery) {}
