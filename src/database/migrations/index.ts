import { CreateSchema1764000000000 } from './1764000000000-create-schema.js';
import { IndexItemNames1764000100000 } from './1764000100000-index-item-names.js';

/** Every migration, oldest first. A migration that has been released is never changed: add another. */
export const migrations = [CreateSchema1764000000000, IndexItemNames1764000100000];
