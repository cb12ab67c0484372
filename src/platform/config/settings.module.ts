import { type DynamicModule, Module } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import type { DatabaseLocation } from './database-url.js';
import { readDatabaseLocation, readSettings, Settings } from './settings.js';

/** Provides {@link Settings} to every module. */
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
 * Reads the settings from the environment and from a `.env` file in the working folder. The environment takes precedence.
 *
 * @throws SettingsError
 */
export async function loadSettings(): Promise<Settings> {
  await loadEnvFile();
  return readSettings(process.env);
}

/**
 * Reads DATABASE_URL alone, from the same places.
 *
 * @throws SettingsError
 */
export async function loadDatabaseLocation(): Promise<DatabaseLocation> {
  await loadEnvFile();
  return readDatabaseLocation(process.env);
}

async function loadEnvFile(): Promise<void> {
  // A developer's own .env must not change the tests.
  await ConfigModule.forRoot({ ignoreEnvFile: process.env.NODE_ENV === 'test' });
}
