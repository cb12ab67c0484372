import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import { valueReader } from '../../platform/validation/read-value.js';
import { AccountDateField } from '../../trading-days/account-date.field.js';

const readDate = valueReader(AccountDateField());

/** Reads a trading day out of the path; 422 when it is no date. */
@Injectable()
export class AccountDatePipe implements PipeTransform<string, string> {
  transform(value: string, { data }: ArgumentMetadata): string {
    return readDate(value, 'path', data ?? 'account_date');
  }
}
