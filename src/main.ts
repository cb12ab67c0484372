import { Logger } from '@nestjs/common';
import { loadSettings } from './config/settings.module.js';
import { SettingsError } from './config/settings-error.js';

try {
  const settings = await loadSettings();
  // The rest is loaded after the settings are known to be good: a refusal comes at once.
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
    logger.warn(`DATABASE_URL: "${part}" is for SQLAlchemy, and left out`);
  if (secretKeyIsRandom) logger.warn('SECRET_KEY is not set: everyone has to log in again after a restart');
  logger.log(`Stock tracker is ready at ${url}, its documentation at ${url}/docs`);
} catch (error) {
  process.stderr.write(`${error instanceof SettingsError ? error.message : String(error)}\n`);
  process.exit(1);
}

/** Names the setting behind an address that the operating system does not give; any other error stays as it is. */
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
