import { Controller, Get, HttpCode, HttpStatus, Param, Post, Query, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiAcceptedResponse, ApiOkResponse, ApiTags, ApiUnprocessableEntityResponse } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CurrentUser } from '../platform/authorization/current-user.decorator.js';
import { OWNERS } from '../platform/authorization/role.js';
import { Roles } from '../platform/authorization/roles.decorator.js';
import { ApiErrors } from '../platform/errors/api-errors.decorator.js';
import { ACCEPTS_FILE } from '../platform/http/body-parsers.js';
import { FileOfRequest, type SentFile } from '../platform/http/sent-file.js';
import { Idempotent } from '../platform/idempotency/idempotent.decorator.js';
import type { RunIdempotent } from '../platform/idempotency/idempotent.pipe.js';
import { PathIdPipe } from '../platform/validation/path-id.pipe.js';
import { ApiCsvBody } from './dto/csv-body.decorator.js';
import { ItemImportErrorResponse } from './dto/item-import-error.dto.js';
import { ItemImportJobResponse } from './dto/item-import-job-response.dto.js';
import { ItemImportQuery } from './dto/item-import-query.dto.js';
import { ItemImportResponse } from './dto/item-import-response.dto.js';
import { ItemImportsService } from './item-imports.service.js';

@ApiTags('Items')
@Controller('items')
export class ItemImportsController {
  constructor(private readonly imports: ItemImportsService) {}

  /**
   * Import items from a CSV file: all of its rows, or none
   *
   * @remarks Takes what `GET /items/export` gives, and what spreadsheets save, up to 20 MB and 200,000 rows. A row is the item
   * with its `sku`, else with its `barcode`, else with its `name` in its `category`, else a new item. Categories are made where
   * they are missing; a `quantity` counts the stock. An absent column leaves a field as it is, an empty cell empties it. With
   * `dry_run` nothing is written. A file with more than 1,000 rows is imported after the response, which is 202 then: ask for it
   * at `Location`.
   * @throws {400} The file could not be read to its end.
   * @throws {409} Somebody else has changed the items at the same time.
   */
  @Post('import')
  @HttpCode(HttpStatus.OK)
  @Roles(...OWNERS)
  @RouteConfig({ ...ACCEPTS_FILE, location: 'items/imports/{id}' })
  @ApiErrors('changed_meanwhile')
  @ApiCsvBody()
  @ApiOkResponse({ type: ItemImportResponse })
  @ApiAcceptedResponse({
    type: ItemImportJobResponse,
    description: 'The file has many rows, and is imported from now on.',
  })
  @ApiUnprocessableEntityResponse({
    type: ItemImportErrorResponse,
    description: 'The file has wrong rows, or the request is not valid. Nothing was imported.',
  })
  importItems(
    @FileOfRequest() file: SentFile,
    @Query() query: ItemImportQuery,
    @CurrentUser() actor: CurrentUser,
    @Idempotent() runIdempotent: RunIdempotent,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ItemImportResponse | ItemImportJobResponse> {
    return this.imports.import(
      file,
      query,
      actor,
      (digest, work) => runIdempotent([query, digest], work),
      () => void reply.status(HttpStatus.ACCEPTED),
    );
  }

  /**
   * Ask how far an import is, and what it has done
   *
   * @remarks An import is known for 7 days. It goes on when its request or its process ends.
   * @throws {404} There is no such import.
   */
  @Get('imports/:import_id')
  @Roles(...OWNERS)
  @ApiErrors('import_not_found')
  @ApiOkResponse({ type: ItemImportJobResponse })
  getItemImport(@Param('import_id', PathIdPipe) id: number): Promise<ItemImportJobResponse> {
    return this.imports.get(id);
  }
}
