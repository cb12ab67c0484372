import { Module } from '@nestjs/common';
import { CollectionVersionsRepository } from './collection-versions.repository.js';

/** What `@ConditionalList()` asks for versions, for every module with a controller that uses it. */
@Module({ providers: [CollectionVersionsRepository], exports: [CollectionVersionsRepository] })
export class ConditionalModule {}
