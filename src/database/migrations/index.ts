import { CreateSchema1764000000000 } from './1764000000000-create-schema.js';

/** Every migration, oldest first. A migration that has been released is never changed: add another. */
export const migrations = [CreateSchema1764000000000];
