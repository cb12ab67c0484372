import { Global, Logger, Module, type OnApplicationShutdown } from '@nestjs/common';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import type { DataSource, DataSourceOptions } from 'typeorm';
import { Settings } from '../config/settings.js';
import { writerOptions } from './data-source-options.js';
import { Database } from './database.js';
import { DatabaseClock } from './database-clock.js';
import { openDataSource } from './open-data-source.js';
import { StatementLog } from './statement-log.js';

const statementLogOf = ({ debug }: Settings): Pick<DataSourceOptions, 'logger' | 'logging'> =>
  debug ? { logging: ['query'], logger: new StatementLog() } : {};

function clockWarning(seconds: number): string {
  const where = seconds < 0 ? 'behind' : 'ahead of';
  return `The clock of this machine is ${Math.abs(seconds)} s ${where} the database's, which counts: only the log has its times`;
}

/** Connects, migrates, and offers {@link Database} to every repository, and its clock to whoever needs the time. */
@Global()
@Module({
  imports: [
    TypeOrmModule.forRootAsync({
      inject: [Settings],
      useFactory: (settings: Settings) => ({
        ...writerOptions(settings.database),
        ...statementLogOf(settings),
        waitSeconds: settings.databaseWaitSeconds,
        autoLoadEntities: true,
        // `openDataSource` knows what is worth waiting for.
        toRetry: () => false,
      }),
      dataSourceFactory: (given) => {
        const { waitSeconds, ...options } = given as DataSourceOptions & { waitSeconds: number };
        return openDataSource(options, waitSeconds);
      },
    }),
  ],
  providers: [
    {
      provide: Database,
      inject: [getDataSourceToken()],
      useFactory: (dataSource: DataSource) => Database.open(dataSource),
    },
    {
      provide: DatabaseClock,
      inject: [Database],
      useFactory: ({ clock }: Database) => {
        const difference = Math.round((Date.now() - clock.now()) / 1000);
        if (difference !== 0) new Logger('Database').warn(clockWarning(difference));
        return clock;
      },
    },
  ],
  exports: [Database, DatabaseClock],
})
export class DatabaseModule implements OnApplicationShutdown {
  constructor(private readonly database: Database) {}

  async onApplicationShutdown(): Promise<void> {
    await this.database.close();
  }
}
