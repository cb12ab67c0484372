import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { load } from 'js-yaml';
import { readSettings } from '../src/config/settings.js';
import { TEMPLATE } from './support/load-balancer.js';
import { Program } from './support/program.js';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));
const { main, scripts, dependencies } = JSON.parse(read('package.json')) as {
  main: string;
  scripts: Record<string, string>;
  dependencies: Record<string, string>;
};

/** The package or its file that code imports or looks up, unless it is one of our own files. */
const IMPORT = /\b(?:from|import|import\(|resolve\()\s*["']([\w@][\w@:/.-]*)["']/g;

interface Replica {
  environment: Record<string, string>;
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

  it('calls a replica healthy when it is ready, and not when it is gone', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'stock-tracker-'));
    const program = new Program(folder, { SEED_MOCK_DATA: 'false' });
    try {
      const { port } = await program.ready;
      expect(await exitCodeOfHealthCheck(port)).toBe(0);
      await program.end('SIGKILL');
      expect(await exitCodeOfHealthCheck(port)).toBe(1);
    } finally {
      await Program.endAll();
      await rm(folder, { recursive: true });
    }
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
  const { services } = load(read('compose.yaml')) as {
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

function read(file: string): string {
  return readFileSync(join(PROJECT, file), 'utf8');
}
