import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dialectOf } from './dialect.js';
import { addVersionCounters, dropVersionCounters } from './version-counters.js';

const INDEXES = [
  ['ix_tasks_assigned_to', 'assigned_to, id'],
  ['ix_tasks_status', 'status, id'],
  ['ix_tasks_item', 'item_id, id'],
  ['ix_tasks_due_at', `coalesce(due_at, ''), id`],
  ['ix_tasks_updated_at', 'updated_at, id'],
] as const;

/** What a trigger does when an account is deactivated or deleted: whatever is left to do is nobody's. */
const UNASSIGN = `
  update tasks set assigned_to = null, updated_at = new.updated_at
  where assigned_to = new.id and status <> 'done'`;

/** Tasks of employees. A trigger takes them from users who can't log in any more, so that no way to end an account forgets it. */
export class AssignTasks1764001700000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const { primaryKey, binaryOrder } = dialectOf(queryRunner);
    const timestamp = `varchar(24) ${binaryOrder}`;
    await queryRunner.query(`
      create table "tasks" (
        "id" ${primaryKey},
        "title" varchar(200) not null,
        "note" varchar(2000),
        "status" varchar(11) not null,
        "assigned_to" integer,
        "item_id" integer,
        "due_at" ${timestamp},
        "completed_at" ${timestamp},
        "created_by" integer not null,
        "updated_by" integer not null,
        "created_at" ${timestamp} not null,
        "updated_at" ${timestamp} not null,
        CONSTRAINT "fk_tasks_assigned_to" FOREIGN KEY ("assigned_to") REFERENCES "users" ("id") ON DELETE RESTRICT,
        CONSTRAINT "fk_tasks_item" FOREIGN KEY ("item_id") REFERENCES "items" ("id") ON DELETE SET NULL,
        CONSTRAINT "fk_tasks_created_by" FOREIGN KEY ("created_by") REFERENCES "users" ("id") ON DELETE RESTRICT,
        CONSTRAINT "fk_tasks_updated_by" FOREIGN KEY ("updated_by") REFERENCES "users" ("id") ON DELETE RESTRICT,
        CONSTRAINT "ck_tasks_status" CHECK (status = 'open' or status = 'in_progress' or status = 'done'),
        CONSTRAINT "ck_tasks_completed" CHECK (status = 'done' and completed_at is not null or status <> 'done' and completed_at is null))`);
    for (const [name, columns] of INDEXES) {
      await queryRunner.query(`create index "${name}" on "tasks" (${columns})`);
    }
    await addVersionCounters(queryRunner, 'tasks');
    await (isPostgres(queryRunner) ? unassignOnPostgres : unassignOnSqlite)(queryRunner);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    const on = isPostgres(queryRunner) ? ' on "users"' : '';
    await queryRunner.query(`drop trigger "tr_users_unassign_tasks"${on}`);
    if (isPostgres(queryRunner)) await queryRunner.query('drop function unassign_tasks()');
    await dropVersionCounters(queryRunner, 'tasks');
    await queryRunner.query('drop table "tasks"');
  }
}

async function unassignOnSqlite(queryRunner: QueryRunner): Promise<void> {
  await queryRunner.query(`
    create trigger "tr_users_unassign_tasks" after update of is_active on "users" when not new.is_active begin
      ${UNASSIGN};
    end`);
}

async function unassignOnPostgres(queryRunner: QueryRunner): Promise<void> {
  await queryRunner.query(`
    create function unassign_tasks() returns trigger language plpgsql as $$
    begin
      ${UNASSIGN};
      return null;
    end $$`);
  await queryRunner.query(`
    create trigger "tr_users_unassign_tasks" after update of is_active on "users" for each row
    when (not new.is_active) execute function unassign_tasks()`);
}

function isPostgres({ dataSource }: QueryRunner): boolean {
  return dataSource.options.type === 'postgres';
}
