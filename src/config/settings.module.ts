import { type DynamicModule, Module } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { readSettings, Settings } from './settings.js';

/** Offers {@link Settings} to every module. */
@Module({})
export class SettingsModule {
  static with(settings: Settings): DynamicModule {
    return {
      module: SettingsModule,
      global: true,
      providers: [{ provide: Settings, useValue: settings }],
      exports: [Settings],
    };
  }
}

/**
 * Reads the settings from the environment, and from a `.env` file in the working folder where the environment is silent.
 *
 * @throws SettingsError
 */
export async function loadSettings(): Promise<Settings> {
  // Tests say all they need; a developer's own .env must not change them.
  await ConfigModule.forRoot({ ignoreEnvFile: process.env.NODE_ENV === 'test' });
  return readSettings(process.env);
}
