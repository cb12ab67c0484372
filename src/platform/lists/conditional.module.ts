import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { CollectionVersionsRepository } from './collection-versions.repository.js';
import { RememberedListsCheck } from './remembered-lists.check.js';

/** What `@ConditionalList()` asks for versions, for every module with a controller that uses it. */
@Module({
  imports: [DiscoveryModule],
  providers: [CollectionVersionsRepository, RememberedListsCheck],
  exports: [CollectionVersionsRepository],
})
export class ConditionalModule {}
