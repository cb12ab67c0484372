import { Logger } from '@nestjs/common';
import { AbstractLogger, type LogLevel, type LogMessage } from 'typeorm';

/** Logs what is asked of the database, for DEBUG: the statements, never the values in them. */
export class StatementLog extends AbstractLogger {
  private readonly output = new Logger('Database');

  constructor() {
    super(['query']);
  }

  protected writeLog(_level: LogLevel, message: LogMessage): void {
    this.output.debug(String(message.message).replace(/\s+/g, ' ').trim());
  }
}
