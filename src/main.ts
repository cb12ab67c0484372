import { Logger } from '@nestjs/common';
import { loadSettings } from './platform/config/settings.module.js';
import { SettingsError } from './platform/config/settings-error.js';
import { VERSION } from './platform/config/version.js';

const USAGE = `Stock tracker ${VERSION}

Usage: node dist/main.js [--help | --version]

Serves the API until it is stopped (Ctrl-C, SIGTERM). Settings come from the environment and from a .env file in the
working folder: docs/settings.md and .env.example list them, PORT and DATABASE_URL among them.
`;

readArguments();

try {
  const settings = await loadSettings();
  // Loaded after the settings are checked, so that an invalid setting is reported at once.
  const { createApp } = await import('./app.setup.js');
  const app = await createApp(settings);
  const { host, port, secretKeyIsRandom, database } = settings;
  try {
    await app.listen(port, host);
  } catch (error) {
    await app.close();
    throw addressErrorOf(error, host, port);
  }
  const url = (await app.getUrl()).replace('[::1]', 'localhost');
  const logger = new Logger('Main');
  for (const part of database.ignored ?? [])
    logger.warn(`DATABASE_URL: "${part}" is for SQLAlchemy and is ignored`);
  if (secretKeyIsRandom) logger.warn('SECRET_KEY is not set: everyone has to log in again after a restart');
  logger.log(`Stock tracker is ready at ${url}, its documentation at ${url}/docs`);
  if (process.stdout.isTTY) sayGoodbye();
} catch (error) {
  process.stderr.write(`${error instanceof SettingsError ? error.message : String(error)}\n`);
  process.exit(1);
}

/** Handles --help and --version. All settings come from the environment. */
function readArguments(): void {
  const [argument] = process.argv.slice(2);
  switch (argument) {
    case undefined:
      return;
    case '--help':
    case '-h':
      process.stdout.write(USAGE);
      return process.exit(0);
    case '--version':
    case '-v':
      process.stdout.write(`${VERSION}\n`);
      return process.exit(0);
    default:
      process.stderr.write(`Unknown argument "${argument}": node dist/main.js takes --help and --version.\n`);
      process.exit(2);
  }
}

/** Prints a last line after Ctrl-C, when everything is closed. */
function sayGoodbye(): void {
  process.once('SIGINT', () => {
    process.once('exit', () => process.stdout.write('\nStock tracker has stopped. Goodbye.\n'));
  });
}

/** Converts an error of `listen` to one that names the setting. Returns any other error unchanged. */
function addressErrorOf(error: unknown, host: string, port: number): unknown {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return new SettingsError(`PORT takes a free port; ${port} is in use already.`);
    case 'EACCES':
      return new SettingsError(`PORT takes a port that this user may open, not ${port}.`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new SettingsError(`HOST takes an address of this machine, not "${host}".`);
    default:
      return error;
  }
}
