import { Injectable } from '@nestjs/common';
import pLimit from 'p-limit';
import type { LedgerVerificationQuery } from './dto/ledger-verification-query.dto.js';
import {
  type LedgerVerificationResponse,
  ledgerVerificationResponseOf,
} from './dto/ledger-verification-response.dto.js';
import { LedgerVerificationRepository } from './ledger-verification.repository.js';
import { type VerifiedLedger, verifyLedger } from './verify-ledger.js';

/** A verification that waits for its turn, and all that it is to answer. */
interface Verification {
  untilIds: Set<number>;
  outcome: Promise<VerifiedLedger>;
}

/**
 * Verifies the ledger, one verification at a time, as it takes most of a core. Requests that arrive meanwhile share the next
 * verification, which sees everything that was recorded when they arrived.
 */
@Injectable()
export class LedgerVerificationService {
  private readonly mutex = pLimit(1);
  private next?: Verification;

  constructor(private readonly repository: LedgerVerificationRepository) {}

  async verify({ until_id = Infinity }: LedgerVerificationQuery): Promise<LedgerVerificationResponse> {
    const { untilIds, outcome } = (this.next ??= this.prepare());
    untilIds.add(until_id);
    const { verification, headAt } = await outcome;
    return ledgerVerificationResponseOf(verification, headAt(until_id));
  }

  private prepare(): Verification {
    const untilIds = new Set<number>();
    const outcome = this.mutex(() => {
      this.next = undefined;
      return verifyLedger(this.repository, untilIds);
    });
    return { untilIds, outcome };
  }
}
