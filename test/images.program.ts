import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { load } from 'js-yaml';
import { readSettings } from '../src/platform/config/settings.js';
import { TEMPLATE } from './support/load-balancer.js';
import { Program } from './support/program.js';
import { itWithSqlite } from './support/sqlite.js';
import { createTemporaryDatabase, type TemporaryDatabase } from './support/temporary-database.js';
import { createTemporaryFolder } from './support/temporary-folder.js';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));
const { main, scripts, dependencies } = JSON.parse(read('package.json')) as {
  main: string;
  scripts: Record<string, string>;
  dependencies: Record<string, string>;
};

/** The package or its file that code imports or looks up, unless it is one of our own files. */
const IMPORT = /\b(?:from|import|import\(|resolve\()\s*["']([\w@][\w@:/.-]*)["']/g;

/** The Dockerfile's own command, which a test above sees there. */
const INSTALL = ['ci', '--omit=dev'];

interface Replica {
  environment: Record<string, string>;
  volumes: string[];
  networks: { default: { ipv4_address: string } };
}

/** No image is built here: this holds the Dockerfile and compose.yaml to what the other tests prove. */
describe('Dockerfile', () => {
  // Instructions, without their comments and with their lines joined.
  const instructions = read('Dockerfile')
    .replace(/^#.*\n/gm, '')
    .replace(/\s*\\\n\s*/g, ' ')
    .split('\n');

  it('installs from the lock file, builds, and starts the main file of package.json', () => {
    expect(scripts.build).toBe('nest build && node build/bundle.js');
    expect(instructions).toEqual(
      expect.arrayContaining(['RUN npm ci', 'RUN npm run build', 'RUN npm ci --omit=dev', 'USER node']),
    );
    expect(instructions.at(-2)).toBe(`CMD ["node", "${main}"]`);
  });

  it('gets every file that it copies', () => {
    const copied = instructions
      .filter((instruction) => /^COPY (?!--from)/.test(instruction))
      .flatMap((instruction) => instruction.split(' ').slice(1, -1));
    const sent = read('.dockerignore').match(/(?<=^!).+/gm);
    expect([...new Set(copied)].sort()).toEqual(sent?.sort());
  });

  it('leaves out no package that the built program imports', async () => {
    const files = (await readdir(join(PROJECT, 'dist'), { recursive: true })).filter(
      // The bundle is made of these, and of their packages, whose own imports are not ours to list.
      (file) => file.endsWith('.js') && !file.startsWith('bundle'),
    );
    const imported = new Set<string>();
    for (const file of files) {
      const code = await readFile(join(PROJECT, 'dist', file), 'utf8');
      for (const [, name = ''] of code.matchAll(IMPORT)) {
        imported.add(/^(@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? '');
      }
    }
    const packages = [...imported].filter((name) => !name.startsWith('node:'));
    expect(packages).toContain('fastify');
    expect(packages.filter((name) => !(name in dependencies))).toEqual([]);
  });

  itWithSqlite('calls a replica healthy when it is ready, and not when it is gone', async () => {
    const folder = await createTemporaryFolder();
    const program = new Program(folder, { SEED_MOCK_DATA: 'false' });
    try {
      const { port } = await program.ready;
      expect(await exitCodeOfHealthCheck(port)).toBe(0);
      await program.end('SIGKILL');
      expect(await exitCodeOfHealthCheck(port)).toBe(1);
    } finally {
      await Program.endAll();
    }
  });

  it('has programs for backups as new as the server of compose.yaml', () => {
    const [, client] = /postgresql-client-(\d+)/.exec(instructions.join('\n')) ?? [];
    const [, server] = /image: postgres:(\d+)/.exec(read('compose.yaml')) ?? [];
    expect(Number(client)).toBeGreaterThanOrEqual(Number(server));
  });

  /** The files of the last stage in a folder: what npm installs without what is for development, and what is copied. */
  describe('makes an image in which', () => {
    let image: string;
    let work: string;
    let database: TemporaryDatabase;

    beforeAll(async () => {
      image = await createTemporaryFolder();
      work = await createTemporaryFolder();
      database = await createTemporaryDatabase();
      const copies = instructions.slice(instructions.findLastIndex((line) => line.startsWith('FROM ')));
      for (const [, from = '', to = ''] of copies
        .join('\n')
        .matchAll(/^COPY (?:--from=build )?(\S+) (\S+)$/gm)) {
        const source = join(PROJECT, from.replace(/^\/app\//, ''));
        await cp(source, join(image, to === './' ? from : to), { recursive: true });
      }
      await cp(join(PROJECT, 'package-lock.json'), join(image, 'package-lock.json'));
      await promisify(execFile)('npm', [...INSTALL, '--ignore-scripts'], { cwd: image });
      // What the install script would compile, for minutes.
      const binary = 'node_modules/better-sqlite3/build/Release/better_sqlite3.node';
      await cp(join(PROJECT, binary), join(image, binary));
      await rm(join(image, 'package-lock.json'));
    }, 300_000);

    afterAll(async () => {
      await Program.endAll();
      await database.drop();
    });

    const npmRun = async (...command: string[]): Promise<string> => {
      const { PATH = '' } = process.env;
      const env = { PATH, HOME: '/nonexistent', DATABASE_URL: database.url, ...environmentOf(instructions) };
      const options = { cwd: image, env: { ...env, npm_config_cache: join(work, 'npm') } };
      const { stdout } = await promisify(execFile)('npm', ['run', ...command], options);
      return stdout;
    };

    itWithSqlite(
      'the program serves, and every tool runs as npm runs it',
      async () => {
        const program = new Program(work, { DATABASE_URL: database.url }, [
          '/bin/sh',
          '-c',
          `exec "$1" "$0/${main}"`,
          image,
        ]);
        await program.ready;
        const file = join(work, 'shop.backup');
        expect(await npmRun('backup', '--', file)).toContain(`Backed up to ${file}: `);
        expect(await npmRun('ledger:verify')).toContain('Valid: ');
        expect(await program.end()).toBe(0);
        expect(await npmRun('restore', '--', file)).toContain(`Restored from ${file}.`);
        const to = `sqlite:///${join(work, 'moved.db')}`;
        expect(await npmRun('move-database', '--', '--from', database.url, '--to', to)).toContain('Moved. ');
        expect((await readdir(image)).sort()).toEqual(['build', 'dist', 'node_modules', 'package.json']);
      },
      120_000,
    );

    it('a tool says what is missing when nothing is built', async () => {
      const empty = join(work, 'empty');
      await mkdir(join(empty, 'build'), { recursive: true });
      for (const file of ['package.json', 'build/run.js']) await cp(join(PROJECT, file), join(empty, file));
      for (const command of ['backup', 'restore', 'ledger:verify', 'move-database']) {
        const ended = promisify(execFile)('npm', ['run', '--silent', command], { cwd: empty });
        await expect(ended).rejects.toMatchObject({
          code: 1,
          stdout: '',
          stderr: 'Nothing is built yet: run npm run build first.\n',
        });
      }
    });
  });

  async function exitCodeOfHealthCheck(port: string): Promise<number> {
    const instruction = instructions.find((candidate) => candidate.startsWith('HEALTHCHECK')) ?? '';
    const [command = '', ...parameters] = JSON.parse(/CMD (.+)/.exec(instruction)?.[1] ?? '') as string[];
    expect(command).toBe('node');
    const check = spawn(process.execPath, parameters, { env: { PORT: port } });
    const [code] = (await once(check, 'exit')) as [number];
    return code;
  }
});

describe('compose.yaml', () => {
  const { services, volumes } = load(read('compose.yaml')) as {
    volumes: Record<string, unknown>;
    services: {
      nginx: { environment: Record<string, string>; volumes: string[] };
      'replica-1': Replica & { '<<': Replica };
      'replica-2': Replica & { '<<': Replica };
    };
  };
  const { nginx, 'replica-1': first, 'replica-2': second } = services;

  it('gives nginx the configuration that the tests use, and all that is to be filled in', () => {
    expect(nginx.volumes).toEqual([`./${TEMPLATE}:/etc/nginx/templates/default.conf.template:ro`]);
    const names = [...read(TEMPLATE).matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name);
    expect(Object.keys(nginx.environment).sort()).toEqual([...new Set(names)].sort());
  });

  it('sends nginx to the replicas', () => {
    const { REPLICA_1, REPLICA_2 } = nginx.environment;
    const { port } = readSettings({});
    expect(REPLICA_1).toBe(`${first.networks.default.ipv4_address}:${port}`);
    expect(REPLICA_2).toBe(`${second.networks.default.ipv4_address}:${port}`);
  });

  it('keeps the backups of the replicas in a volume, at the folder that the image has for them', () => {
    expect(first['<<'].volumes).toEqual(['backups:/app/backups']);
    expect(read('Dockerfile')).toMatch(/mkdir data backups && chown node:node data backups\n/);
    expect(Object.keys(volumes)).toContain('backups');
  });

  it.each(['SECRET_KEY', 'ADMIN_PASSWORD', 'POSTGRES_PASSWORD'])('requires %s', (name) => {
    const { environment } = first['<<'];
    expect(Object.values(environment).join()).toContain(`\${${name}:?`);
  });

  it('gives the replicas settings that production takes', () => {
    const given: Record<string, string> = {
      SECRET_KEY: 'k3yX9vQ2mW7pL4nR8tB6zD1cF5hJ0sGa',
      ADMIN_PASSWORD: 'Espresso2Go',
      POSTGRES_PASSWORD: 'Geheim99',
    };
    const environment = Object.fromEntries(
      Object.entries(first['<<'].environment).map(([name, value]) => [
        name,
        value.replace(/\$\{(\w+):(.)([^}]*)\}/g, (_match, variable: string, kind: string, text: string) =>
          kind === '-' ? text : (given[variable] ?? ''),
        ),
      ]),
    );
    expect(readSettings({ NODE_ENV: 'production', ...environment })).toMatchObject({
      host: '0.0.0.0',
      port: 8000,
      database: {
        engine: 'postgres',
        url: 'postgresql://stock_tracker:Geheim99@database:5432/stock_tracker',
      },
      seedAdmin: { username: 'admin', password: 'Espresso2Go' },
      seedMockData: false,
    });
    expect(second['<<']).toEqual(first['<<']);
  });
});

/** What the Dockerfile sets for npm. */
function environmentOf(instructions: string[]): Record<string, string> {
  const settings = instructions.filter((instruction) => instruction.startsWith('ENV ')).join(' ');
  return Object.fromEntries(
    [...settings.matchAll(/(npm_\w+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value]),
  );
}

function read(file: string): string {
  return readFileSync(join(PROJECT, file), 'utf8');
}
