import { Command } from 'commander';
import { VERSION } from '../platform/config/version.js';
import { backupCommand } from './backup/backup.command.js';
import { moveDatabaseCommand } from './move-database/move-database.command.js';
import { restoreCommand } from './restore/restore.command.js';
import { verifyLedgerCommand } from './verify-ledger/verify-ledger.command.js';

const program = new Command('stock-tracker')
  .description(
    'Tools for the operator of a stock tracker. DATABASE_URL names the database, here and in a .env file.',
  )
  .version(VERSION)
  .showHelpAfterError('(--help lists the arguments)');

for (const create of [backupCommand, restoreCommand, moveDatabaseCommand, verifyLedgerCommand]) {
  program.addCommand(create().copyInheritedSettings(program));
}

await program.parseAsync();
