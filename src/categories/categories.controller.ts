import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  HttpStatus,
  Param,
  Patch,
  Post,
  Query,
} from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiOkResponse, ApiParam, ApiTags } from '@nestjs/swagger';
import { CurrentUser } from '../platform/authorization/current-user.decorator.js';
import {
  ConditionalGet,
  ConditionalList,
  ConditionalWrite,
} from '../platform/lists/conditional.decorators.js';
import { IfMatch } from '../platform/http/if-match.decorator.js';
import type { Versioned } from '../platform/http/versioned.js';
import { ApiErrors } from '../platform/errors/api-errors.decorator.js';
import { Located } from '../platform/http/location.js';
import type { ListResponse } from '../platform/lists/page.js';
import { PathIdPipe } from '../platform/validation/path-id.pipe.js';
import { CategoriesService } from './categories.service.js';
import { CATEGORY_CREATE_EXAMPLES, CategoryCreate } from './dto/category-create.dto.js';
import { CategoryListQuery } from './dto/category-list-query.dto.js';
import { CategoryResponse } from './dto/category-response.dto.js';
import { CATEGORY_UPDATE_EXAMPLES, CategoryUpdate } from './dto/category-update.dto.js';

@ApiTags('Categories')
@Controller('categories')
export class CategoriesController {
  constructor(private readonly categories: CategoriesService) {}

  /**
   * Create a category
   *
   * @remarks Every user may create categories. The name must be unique.
   * @throws {409} A category with this name already exists.
   */
  @Post()
  @ApiErrors('category_name_taken')
  @Located('categories/{id}')
  @ApiCreatedResponse({ type: CategoryResponse })
  @ApiBody({ type: CategoryCreate, examples: CATEGORY_CREATE_EXAMPLES })
  createCategory(
    @Body() category: CategoryCreate,
    @CurrentUser() actor: CurrentUser,
  ): Promise<Versioned<CategoryResponse>> {
    return this.categories.create(category, actor);
  }

  /**
   * List all categories, sorted by `sort_order`, then by name
   *
   * @remarks Returns all categories, or one page with `limit`.
   */
  @Get()
  @ConditionalList('categories')
  @ApiOkResponse({ type: [CategoryResponse] })
  listCategories(@Query() query: CategoryListQuery): Promise<ListResponse<CategoryResponse>> {
    return this.categories.list(query);
  }

  /**
   * Get a category
   *
   * @remarks The `ETag` of the response can be sent as `If-Match` to change the category.
   * @throws {404} There is no such category.
   */
  @Get(':category_id')
  @ApiErrors('category_not_found')
  @ConditionalGet()
  @ApiOkResponse({ type: CategoryResponse })
  getCategory(@Param('category_id', PathIdPipe) id: number): Promise<Versioned<CategoryResponse>> {
    return this.categories.get(id);
  }

  /**
   * Update a category
   *
   * @remarks Fields that are left out stay unchanged; null clears the description.
   * @throws {404} There is no such category.
   * @throws {409} A category with this name already exists.
   */
  @Patch(':category_id')
  @ApiOkResponse({ type: CategoryResponse })
  @ApiErrors('category_not_found', 'category_name_taken')
  @ConditionalWrite()
  @ApiBody({ type: CategoryUpdate, examples: CATEGORY_UPDATE_EXAMPLES })
  updateCategory(
    @Param('category_id', PathIdPipe) id: number,
    @Body() changes: CategoryUpdate,
    @CurrentUser() actor: CurrentUser,
    @IfMatch() expected: IfMatch,
  ): Promise<Versioned<CategoryResponse>> {
    return this.categories.update(id, changes, actor, expected);
  }

  /**
   * Delete a category
   *
   * @remarks The category must be empty: move or delete its items first.
   * @throws {404} There is no such category.
   * @throws {409} The category still has items.
   */
  @Delete(':category_id')
  @ApiErrors('category_not_found', 'category_in_use')
  @ConditionalWrite()
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiParam({ name: 'category_id', example: 8 })
  deleteCategory(@Param('category_id', PathIdPipe) id: number, @IfMatch() expected: IfMatch): Promise<void> {
    return this.categories.delete(id, expected);
  }
}
