import * as fc from 'fast-check';
import { Client } from '../support/client.js';
import { Program } from '../support/program.js';
import { ADMIN } from '../support/shop.js';
import { createTemporaryDatabase, type TemporaryDatabase } from '../support/temporary-database.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';
import { ApiDocument } from './api-document.js';
import { callOf, textOf } from './calls.js';
import { Session, type Target } from './session.js';
import { Wire } from './wire.js';

/** Generated requests, not counting those that a session needs to begin, to read again, and to clean up. */
const REQUESTS = Number(process.env.FUZZ_REQUESTS ?? 10_000);
const SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
const SESSIONS_A_ROUND = 50;
/** In milliseconds, for a round and the search for its shortest failure. */
const TIMEOUT_MS = 60_000;
const MAX_SESSION_LENGTH = 120;
const METRICS_TOKEN = 'a-token-for-prometheus';

/** Statuses that no call of an operation gets: it has the operation's method, arrives in time, and comes from this machine. */
const NEVER_RETURNED = ['405', '408', '429'];

/**
 * Generated requests to every operation of the running program's document. Reproducible: a failure prints its seed, for FUZZ_SEED,
 * and the shortest list of requests that was found to cause it.
 */
describe(`The API under generated requests (FUZZ_SEED=${SEED})`, () => {
  let folder: string;
  let database: TemporaryDatabase;
  let program: Program;
  let root: Client;
  let target: Target;
  let requests = 0;

  beforeAll(async () => {
    folder = await createTemporaryFolder();
    database = await createTemporaryDatabase();
    program = new Program(folder, {
      DATABASE_URL: database.url,
      RATE_LIMIT_ENABLED: 'false',
      SEED_MOCK_DATA: 'false',
      ACCESS_TOKEN_EXPIRE_MINUTES: '1440',
      METRICS_TOKEN,
    });
    const { origin } = await program.ready;
    root = await new Client(origin).login(ADMIN.username, ADMIN.password);
    const { id: rootId } = (await root.get('/auth/me').expect(200)).body as { id: number };
    target = {
      document: await ApiDocument.of(origin),
      wire: new Wire(new URL(origin)),
      rootToken: root.accessToken ?? '',
      metricsToken: METRICS_TOKEN,
      isUntouchable: (name, value) => name === 'user_id' && Number(textOf(value)) === rootId,
      seen: new Map(),
    };
  });

  afterAll(async () => {
    target.wire.close();
    await Program.endAll();
    await database.drop();
  });

  it(`responds to ${REQUESTS} of them as the document and the contract say`, async () => {
    const calls = fc.array(callOf(target.document), {
      minLength: 1,
      maxLength: MAX_SESSION_LENGTH,
      size: 'max',
    });
    const session = fc.asyncProperty(calls, async (generated) => {
      const session = new Session(target);
      await session.begin();
      for (const call of generated) await session.perform(call);
      await session.end();
      requests += generated.length;
    });
    for (let seed = SEED; requests < REQUESTS; seed++) {
      const result = await fc.check(session, {
        seed,
        numRuns: SESSIONS_A_ROUND,
        interruptAfterTimeLimit: TIMEOUT_MS,
      });
      if (!result.failed) continue;
      const { message } = result.errorInstance as Error;
      throw new Error(`FUZZ_SEED=${seed} npm run test:fuzz\n${message}\n${program.stdout.slice(-5_000)}`);
    }
  });

  it('leaves a sound ledger', async () => {
    const { body } = (await root.get('/stock/ledger/verify').expect(200)) as { body: object };
    expect(body).toMatchObject({ is_valid: true, problems: 0 });
  });

  it('has every operation succeed, and fail wherever it can', () => {
    const statuses = target.document.operations.map(({ operationId, responses }) => {
      const seen = [...(target.seen.get(operationId) ?? [])];
      const canFail = Object.keys(responses).some(
        (status) => status.startsWith('4') && !NEVER_RETURNED.includes(status),
      );
      return {
        operationId,
        succeeds: seen.some((status) => status < 300),
        fails: !canFail || seen.some((status) => status >= 400),
      };
    });
    expect(statuses.filter(({ succeeds, fails }) => !succeeds || !fails)).toEqual([]);
  });
});
