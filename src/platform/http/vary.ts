import type { FastifyReply } from 'fastify';

/** Adds the name of a request header on which the response depends (RFC 9110, section 12.5.5). */
export function addVary(reply: FastifyReply, name: string): void {
  const vary = reply.getHeader('vary');
  void reply.header('vary', vary === undefined ? name : `${String(vary)}, ${name}`);
}
