import { type DynamicModule, Module } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { readSettings, Settings } from './settings.js';

/** Offers {@link Settings} to every module, from the environment and a `.env` file in the working folder. */
@Module({})
export class SettingsModule {
  /** @throws SettingsError before anything else of the program exists. */
  static async load(): Promise<DynamicModule> {
    return {
      module: SettingsModule,
      global: true,
      imports: [
        await ConfigModule.forRoot({
          // Tests say all they need; a developer's own .env must not change them.
          ignoreEnvFile: process.env.NODE_ENV === 'test',
          validate: (environment) => ({ settings: readSettings(environment) }),
        }),
      ],
      providers: [
        {
          provide: Settings,
          inject: [ConfigService],
          useFactory: (config: ConfigService) => config.getOrThrow<Settings>('settings'),
        },
      ],
      exports: [Settings],
    };
  }
}
