import { HttpException } from '@nestjs/common';

/** An error that tells, beside its sentence, facts for programs: fields of the answer next to `detail`. */
export class FactualException extends HttpException {
  constructor(
    status: number,
    message: string,
    readonly facts: Readonly<Record<string, number>>,
  ) {
    super(message, status);
  }
}
