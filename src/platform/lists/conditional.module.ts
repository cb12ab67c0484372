import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { CollectionVersionsRepository } from './collection-versions.repository.js';
import { RememberedListsCheck } from './remembered-lists.check.js';

/** Import it in every module with a controller that uses `@ConditionalList()`. */
@Module({
  imports: [DiscoveryModule],
  providers: [CollectionVersionsRepository, RememberedListsCheck],
  exports: [CollectionVersionsRepository],
})
export class ConditionalModule {}
