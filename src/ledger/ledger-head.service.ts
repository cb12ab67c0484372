import { Injectable } from '@nestjs/common';
import { type HeadHash, headAfter } from './head-hash.js';
import { LedgerVerificationRepository } from './ledger-verification.repository.js';

/** Computes the hash over all movements, which proves later that none of them was changed. */
@Injectable()
export class LedgerHeadService {
  constructor(private readonly ledger: LedgerVerificationRepository) {}

  /**
   * The head of now, computed from an earlier one: only the movements since are read. A verification of the ledger comes to the
   * same.
   */
  async advance(earlier: HeadHash): Promise<HeadHash> {
    const lastId = await this.ledger.findLastSettledId();
    let head = earlier;
    for await (const batch of this.ledger.streamHashes({ after: earlier.id ?? 0, until: lastId })) {
      head = batch.reduce(headAfter, head);
    }
    return head;
  }
}
