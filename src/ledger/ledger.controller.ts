import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Role } from '../platform/authorization/role.js';
import { Roles } from '../platform/authorization/roles.decorator.js';
import { LedgerVerificationQuery } from './dto/ledger-verification-query.dto.js';
import { LedgerVerificationResponse } from './dto/ledger-verification-response.dto.js';
import { LedgerVerificationService } from './ledger-verification.service.js';

@ApiTags('Stock movements')
@Controller('stock/ledger')
export class LedgerController {
  constructor(private readonly verification: LedgerVerificationService) {}

  /**
   * Verify the ledger
   *
   * @remarks Computes the hash of every movement and the balance of every item again, and compares them with what is
   * stored. Nothing is changed. A million movements take some seconds. 200 means that the verification was done; `is_valid`
   * is its result.
   */
  @Get('verify')
  @Roles(Role.Admin, Role.MarketOwner)
  verifyLedger(@Query() query: LedgerVerificationQuery): Promise<LedgerVerificationResponse> {
    return this.verification.verify(query);
  }
}
