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
   * All is well.
   * @example "ok"
   */
  status!: 'ok';

  /** What was checked and is well, by name. */
  @ApiProperty(CHECKS)
  info!: Record<string, Check>;

  /** What was checked and is not well: nothing, as the answer is a 503 otherwise. */
  @ApiProperty({ type: 'object', additionalProperties: false, example: {} })
  error!: Record<string, never>;

  /** What was checked, by name. */
  @ApiProperty(CHECKS)
  details!: Record<string, Check>;
}
