import { ApiProperty } from '@nestjs/swagger';

export class HealthResponse {
  /** @example "ok" */
  status!: 'ok';

  /** What was checked, by name. */
  @ApiProperty({
    type: 'object',
    additionalProperties: {
      type: 'object',
      properties: { status: { type: 'string', enum: ['up'] } },
      required: ['status'],
    },
    example: { database: { status: 'up' } },
  })
  details!: Record<string, { status: 'up' }>;
}
