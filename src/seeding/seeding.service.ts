import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { CategoriesService } from '../categories/categories.service.js';
import { Settings } from '../platform/config/settings.js';
import { Database } from '../platform/database/database.js';
import { ItemCreate } from '../items/dto/item-create.dto.js';
import { ItemsService } from '../items/items.service.js';
import { StockCreate } from '../stock/dto/stock-create.dto.js';
import { StockService } from '../stock/stock.service.js';
import { UsersService } from '../users/users.service.js';
import { RequestValidationPipe } from '../platform/validation/request-validation.pipe.js';
import { MOCK_CATEGORIES, MOCK_ITEMS } from './mock-catalogue.js';
import { MOCK_DATA } from './seeding.entity.js';
import { SeedingRepository } from './seeding.repository.js';

/** Fills an empty database with the first admin and mock data. A second start changes nothing. */
@Injectable()
export class SeedingService implements OnApplicationBootstrap {
  private readonly logger = new Logger(SeedingService.name);

  constructor(
    private readonly settings: Settings,
    private readonly database: Database,
    private readonly seedings: SeedingRepository,
    private readonly users: UsersService,
    private readonly categories: CategoriesService,
    private readonly items: ItemsService,
    private readonly stock: StockService,
    private readonly validation: RequestValidationPipe,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.database.exclusiveTransaction(
      async () => {
        await this.seedAdmin();
        await this.seedMockData();
      },
      { withoutTimeout: true },
    );
  }

  private async seedAdmin(): Promise<void> {
    const { seedAdmin } = this.settings;
    if (!seedAdmin || !(await this.users.createFirstAdmin(seedAdmin))) return;
    this.logger.log(`Created the admin "${seedAdmin.username}"`);
  }

  /** Only once and only into an empty catalogue, so that deleted data does not come back. */
  private async seedMockData(): Promise<void> {
    const creator = await this.users.findFirst();
    if (!this.settings.seedMockData || !creator) return;
    if (!(await this.categories.isEmpty()) || !(await this.seedings.claim(MOCK_DATA))) return;

    const categoryIds = new Map<string, number>();
    for (const category of MOCK_CATEGORIES) {
      const { body } = await this.categories.create(category, creator);
      categoryIds.set(body.name, body.id);
    }
    for (const { category, quantity, ...values } of MOCK_ITEMS) {
      const item = { ...values, category_id: categoryIds.get(category) };
      const { body } = await this.items.create(this.read(ItemCreate, item), creator);
      await this.stock.add(this.read(StockCreate, { item_id: body.id, quantity }), creator);
    }
    this.logger.log(
      `Created ${MOCK_CATEGORIES.length} categories and ${MOCK_ITEMS.length} items as mock data`,
    );
  }

  /** Validates mock data like the body of a client's request. */
  private read<T>(metatype: new () => T, body: object): T {
    return this.validation.transform(body, { type: 'body', metatype }) as T;
  }
}
