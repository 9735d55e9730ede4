import type { Server } from 'node:http'

/**
 * A client that shuts its sending side after its request (RFC 9293 §3.6) still gets the answer; by default, Node ends the
 * connection without one. Node has a property for it that its documentation does not name. A TLS server also needs
 * `allowHalfOpen` in its options.
 */
export function answerHalfClosed(server: Server): void {
  Object.assign(server, { httpAllowHalfOpen: true })
}
