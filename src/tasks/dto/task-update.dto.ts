import { PartialType } from '@nestjs/swagger';
import type { Examples } from '../../platform/docs/examples.js';
import { TaskStatus } from '../task.entity.js';
import { TaskCreate } from './task-create.dto.js';

/** Fields that are left out do not change. Null empties a field that may be empty. */
export class TaskUpdate extends PartialType(TaskCreate, { skipNullProperties: false }) {}

export const TASK_UPDATE_EXAMPLES: Examples<TaskUpdate> = {
  begin: { summary: 'Somebody is at it', value: { status: TaskStatus.InProgress } },
  done: {
    summary: 'Done, with a note',
    value: { status: TaskStatus.Done, note: 'Two cartons were past their date' },
  },
  reassign: { summary: 'Back to nobody (owners only)', value: { assigned_to: null } },
};
