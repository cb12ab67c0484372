import { Logger } from '@nestjs/common';
import { createApp } from './app.setup.js';
import { Settings } from './config/settings.js';
import { SettingsError } from './config/settings-error.js';

try {
  const app = await createApp();
  const { host, port, secretKeyIsRandom } = app.get(Settings);
  await app.listen(port, host);
  const url = (await app.getUrl()).replace('[::1]', 'localhost');
  const logger = new Logger('Main');
  if (secretKeyIsRandom) logger.warn('SECRET_KEY is not set: everyone has to log in again after a restart');
  logger.log(`Stock tracker is ready at ${url}, its documentation at ${url}/docs`);
} catch (error) {
  process.stderr.write(`${error instanceof SettingsError ? error.message : String(error)}\n`);
  process.exit(1);
}
