import { Global, Module, type OnApplicationShutdown } from '@nestjs/common';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import type { DataSource, DataSourceOptions } from 'typeorm';
import { Settings } from '../config/settings.js';
import { writerOptions } from './data-source-options.js';
import { Database } from './database.js';
import { openDataSource } from './open-data-source.js';
import { StatementLog } from './statement-log.js';

const statementLogOf = ({ debug }: Settings): Pick<DataSourceOptions, 'logger' | 'logging'> =>
  debug ? { logging: ['query'], logger: new StatementLog() } : {};

/** Connects, migrates, and offers {@link Database} to every repository. */
@Global()
@Module({
  imports: [
    TypeOrmModule.forRootAsync({
      inject: [Settings],
      useFactory: (settings: Settings) => ({
        ...writerOptions(settings.database),
        ...statementLogOf(settings),
        patience: settings.databaseWaitSeconds,
        autoLoadEntities: true,
        // `openDataSource` knows what is worth waiting for.
        toRetry: () => false,
      }),
      dataSourceFactory: (given) => {
        const { patience, ...options } = given as DataSourceOptions & { patience: number };
        return openDataSource(options, patience);
      },
    }),
  ],
  providers: [
    {
      provide: Database,
      inject: [getDataSourceToken()],
      useFactory: (dataSource: DataSource) => Database.open(dataSource),
    },
  ],
  exports: [Database],
})
export class DatabaseModule implements OnApplicationShutdown {
  constructor(private readonly database: Database) {}

  onApplicationShutdown(): void {
    this.database.close();
  }
}
