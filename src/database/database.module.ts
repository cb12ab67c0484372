import { Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { Settings } from '../config/settings.js';
import { sqliteReaderOptions, writerOptions } from './data-source-options.js';
import { Database } from './database.js';
import { openDataSource } from './open-data-source.js';

const READER = Symbol('the data source that reads');

/** Connects, migrates, and offers {@link Database} to every repository. */
@Global()
@Module({
  imports: [
    TypeOrmModule.forRootAsync({
      inject: [Settings],
      useFactory: (settings: Settings) => ({
        ...writerOptions(settings.database),
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
      provide: READER,
      inject: [Settings, getDataSourceToken()],
      useFactory: ({ database }: Settings, writer: DataSource) =>
        database.engine === 'sqlite'
          ? new DataSource(sqliteReaderOptions(database.file)).initialize()
          : writer,
    },
    {
      provide: Database,
      inject: [getDataSourceToken(), READER],
      useFactory: (writer: DataSource, reader: DataSource) => new Database(writer, reader),
    },
  ],
  exports: [Database],
})
export class DatabaseModule implements OnApplicationShutdown {
  constructor(@Inject(READER) private readonly reader: DataSource) {}

  async onApplicationShutdown(): Promise<void> {
    if (this.reader.isInitialized) await this.reader.destroy();
  }
}
