import { join } from 'node:path'

/** The socket on which commands reach the daemon. */
export function adminSocketPath(state: string): string {
  return join(state, 'admin.sock')
}

/** The kernel's limit for the address of a Unix socket, in bytes with the final NUL (unix(7)). */
const ADDRESS_BYTES = 108

/** False if the path of the state directory is too long for the address of a socket. */
export function hasSocketAddress(state: string): boolean {
  return Buffer.byteLength(adminSocketPath(state)) < ADDRESS_BYTES
}
