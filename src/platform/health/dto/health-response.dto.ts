import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';

interface Check {
  status: 'up';
  /** In milliseconds. */
  responseTime?: number;
}

const CHECKS: ApiPropertyOptions = {
  type: 'object',
  additionalProperties: {
    type: 'object',
    properties: {
      status: { type: 'string', enum: ['up'] },
      responseTime: { type: 'number', description: 'In milliseconds.' },
    },
    required: ['status'],
  },
  example: { database: { status: 'up', responseTime: 1 } },
};

export class HealthResponse {
  /**
   * Always `ok`, because the response is 503 otherwise.
   * @example "ok"
   */
  status!: 'ok';

  /** The checks that passed, by name. */
  @ApiProperty(CHECKS)
  info!: Record<string, Check>;

  /** The checks that failed: always empty, because the response is 503 otherwise. */
  @ApiProperty({ type: 'object', additionalProperties: false, example: {} })
  error!: Record<string, never>;

  /** All checks, by name. */
  @ApiProperty(CHECKS)
  details!: Record<string, Check>;
}
