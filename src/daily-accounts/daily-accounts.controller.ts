import { Controller, Get, HttpCode, HttpStatus, Param, Post, Query } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiParam, ApiTags } from '@nestjs/swagger';
import { CurrentUser } from '../platform/authorization/current-user.decorator.js';
import { OWNERS } from '../platform/authorization/role.js';
import { Roles } from '../platform/authorization/roles.decorator.js';
import { CsvFile } from '../platform/csv/table.decorators.js';
import type { Table } from '../platform/csv/table.js';
import { ApiErrors } from '../platform/errors/api-errors.decorator.js';
import type { Versioned } from '../platform/http/versioned.js';
import { Idempotent } from '../platform/idempotency/idempotent.decorator.js';
import type { RunIdempotent } from '../platform/idempotency/idempotent.pipe.js';
import { ConditionalGet } from '../platform/lists/conditional.decorators.js';
import type { Page } from '../platform/lists/page.js';
import { OptionalBody } from '../platform/validation/optional-body.decorator.js';
import { PathIdPipe } from '../platform/validation/path-id.pipe.js';
import { DailyAccountsService } from './daily-accounts.service.js';
import { DayClosingService } from './day-closing.service.js';
import { TODAY } from '../trading-days/account-date.field.js';
import { AccountDatePipe } from './dto/account-date.pipe.js';
import { AccountDateQuery } from './dto/account-date-query.dto.js';
import { DailyAccountEventResponse } from './dto/daily-account-event-response.dto.js';
import { DailyAccountExportQuery } from './dto/daily-account-export-query.dto.js';
import { DailyAccountListQuery } from './dto/daily-account-list-query.dto.js';
import { DailyAccountResponse, DailySummaryResponse } from './dto/daily-account-response.dto.js';
import { DAY_CLOSE_EXAMPLES, DayClose } from './dto/day-close.dto.js';
import { DAY_OPEN_EXAMPLES, DayOpen } from './dto/day-open.dto.js';
import { ItemSalesQuery, SalesQuery, TopSellersQuery } from './dto/sales-query.dto.js';
import { CategorySalesResponse, ItemSalesResponse, TopSellerResponse } from './dto/sales-response.dto.js';
import { ACCOUNT_COLUMNS } from './exported-account.js';
import { SalesAnalysisService } from './sales-analysis.service.js';

@ApiTags('Daily accounts')
@Controller('daily-accounts')
export class DailyAccountsController {
  constructor(
    private readonly accounts: DailyAccountsService,
    private readonly closing: DayClosingService,
    private readonly analysis: SalesAnalysisService,
  ) {}

  /**
   * Close today
   *
   * @remarks Adds up what was completed and refunded since the day began, and freezes it. What is sold from then on belongs to
   * the next day: nothing is refused because a day is closed. Carts that are neither completed nor deleted stay as they are.
   * @throws {400} Nothing was sold or refunded today.
   * @throws {409} The day is closed already.
   */
  @Post('close')
  @HttpCode(HttpStatus.OK)
  @ApiErrors('nothing_sold', 'day_closed', 'amount_too_large')
  @ApiOkResponse({ type: DailyAccountResponse })
  @ApiBody({ type: DayClose, required: false, examples: DAY_CLOSE_EXAMPLES })
  async closeToday(
    @OptionalBody(DayClose) cash: DayClose,
    @CurrentUser() actor: CurrentUser,
    @Idempotent() runIdempotent: RunIdempotent,
  ): Promise<Versioned<DailyAccountResponse>> {
    const prepared = await this.closing.prepare(TODAY);
    return runIdempotent([cash], () => this.closing.close(prepared, cash, actor));
  }

  /**
   * Open a day again, by its date
   *
   * @remarks The account stays with the figures of its last closing until the day is closed again. Analyses leave it out until
   * then.
   * @throws {404} The day was never closed.
   * @throws {409} The day is open already.
   */
  @Post('open-by-date')
  @HttpCode(HttpStatus.OK)
  @Roles(...OWNERS)
  @ApiErrors('account_not_found', 'day_open')
  @ApiOkResponse({ type: DailyAccountResponse })
  @ApiBody({ type: DayOpen, required: false, examples: DAY_OPEN_EXAMPLES })
  openByDate(
    @Query() { account_date }: AccountDateQuery,
    @OptionalBody(DayOpen) reopening: DayOpen,
    @CurrentUser() actor: CurrentUser,
    @Idempotent() runIdempotent: RunIdempotent,
  ): Promise<Versioned<DailyAccountResponse>> {
    return runIdempotent([account_date, reopening], () =>
      this.accounts.openByDate(account_date, reopening, actor),
    );
  }

  /**
   * Close a day, by its date
   *
   * @remarks For a day that nobody closed, or that was opened again.
   * @throws {400} Nothing was sold or refunded on this day.
   * @throws {409} The day is closed already.
   */
  @Post('close-by-date')
  @HttpCode(HttpStatus.OK)
  @Roles(...OWNERS)
  @ApiErrors('nothing_sold', 'day_closed', 'amount_too_large')
  @ApiOkResponse({ type: DailyAccountResponse })
  @ApiBody({ type: DayClose, required: false, examples: DAY_CLOSE_EXAMPLES })
  async closeByDate(
    @Query() { account_date }: AccountDateQuery,
    @OptionalBody(DayClose) cash: DayClose,
    @CurrentUser() actor: CurrentUser,
    @Idempotent() runIdempotent: RunIdempotent,
  ): Promise<Versioned<DailyAccountResponse>> {
    const prepared = await this.closing.prepare(account_date);
    return runIdempotent([account_date, cash], () => this.closing.close(prepared, cash, actor));
  }

  /**
   * List the accounts, newest day first
   *
   * @remarks Always a page.
   */
  @Get()
  @ApiOkResponse({ type: [DailyAccountResponse] })
  listDailyAccounts(@Query() query: DailyAccountListQuery): Promise<Page<DailyAccountResponse>> {
    return this.accounts.list(query);
  }

  /**
   * Export all accounts as a CSV file, newest day first
   *
   * @remarks A row for each day, with what was paid and paid back by each method.
   */
  @Get('export')
  @CsvFile('daily-accounts', ACCOUNT_COLUMNS)
  exportDailyAccounts(@Query() query: DailyAccountExportQuery): Promise<Table> {
    return this.accounts.export(query);
  }

  /**
   * Get what was sold of an item
   *
   * @remarks Closed days only.
   */
  @Get('analysis/item-sales')
  getItemSales(@Query() query: ItemSalesQuery): Promise<ItemSalesResponse> {
    return this.analysis.ofItem(query);
  }

  /**
   * List the items of which most was sold
   *
   * @remarks Sorted by quantity, then by revenue. Closed days only.
   */
  @Get('analysis/top-sellers')
  @ApiOkResponse({ type: [TopSellerResponse] })
  listTopSellers(@Query() query: TopSellersQuery): Promise<TopSellerResponse[]> {
    return this.analysis.topSellers(query);
  }

  /**
   * List what was sold by category
   *
   * @remarks Sorted by revenue, by the categories of today. Closed days only.
   */
  @Get('analysis/by-category')
  @ApiOkResponse({ type: [CategorySalesResponse] })
  listSalesByCategory(@Query() query: SalesQuery): Promise<CategorySalesResponse[]> {
    return this.analysis.byCategory(query);
  }

  /**
   * Get the account of a day
   *
   * @remarks Its figures, and a line for each item, name, price and pair of rates. They are those of its last closing.
   * @throws {404} The day was never closed.
   */
  @Get('by-date/:account_date')
  @ApiErrors('account_not_found')
  @ConditionalGet()
  @ApiOkResponse({ type: DailySummaryResponse })
  @ApiParam({ name: 'account_date', description: 'The trading day, or `today`.', example: TODAY })
  getDailyAccountByDate(
    @Param('account_date', AccountDatePipe) accountDate: string,
  ): Promise<Versioned<DailySummaryResponse>> {
    return this.accounts.getSummaryByDate(accountDate);
  }

  /**
   * Get an account
   *
   * @remarks Its figures, and a line for each item, name, price and pair of rates. They are those of its last closing.
   * @throws {404} There is no such account.
   */
  @Get(':account_id')
  @ApiErrors('account_not_found')
  @ConditionalGet()
  @ApiOkResponse({ type: DailySummaryResponse })
  getDailyAccount(@Param('account_id', PathIdPipe) id: number): Promise<Versioned<DailySummaryResponse>> {
    return this.accounts.getSummary(id);
  }

  /**
   * List the closings and reopenings of an account, oldest first
   *
   * @remarks They are never changed or deleted. Each closing has the hash of the closing before it, of whatever day.
   * @throws {404} There is no such account.
   */
  @Get(':account_id/events')
  @ApiErrors('account_not_found')
  @ApiOkResponse({ type: [DailyAccountEventResponse] })
  listDailyAccountEvents(@Param('account_id', PathIdPipe) id: number): Promise<DailyAccountEventResponse[]> {
    return this.accounts.listEvents(id);
  }

  /**
   * Open a day again
   *
   * @remarks The account stays with the figures of its last closing until the day is closed again. Analyses leave it out until
   * then.
   * @throws {404} There is no such account.
   * @throws {409} The day is open already.
   */
  @Post(':account_id/open')
  @HttpCode(HttpStatus.OK)
  @Roles(...OWNERS)
  @ApiErrors('account_not_found', 'day_open')
  @ApiOkResponse({ type: DailyAccountResponse })
  @ApiBody({ type: DayOpen, required: false, examples: DAY_OPEN_EXAMPLES })
  openDailyAccount(
    @Param('account_id', PathIdPipe) id: number,
    @OptionalBody(DayOpen) reopening: DayOpen,
    @CurrentUser() actor: CurrentUser,
    @Idempotent() runIdempotent: RunIdempotent,
  ): Promise<Versioned<DailyAccountResponse>> {
    return runIdempotent([id, reopening], () => this.accounts.open(id, reopening, actor));
  }
}
