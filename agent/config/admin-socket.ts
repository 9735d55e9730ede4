import { join } from 'node:path'

/** Where commands find the daemon. */
export function adminSocketPath(state: string): string {
  return join(state, 'admin.sock')
}

/** Bytes of the address of a Unix socket with its end, the kernel's limit (unix(7)). */
const ADDRESS_BYTES = 108

/** True where the socket of that state directory has an address. */
export function hasSocketAddress(state: string): boolean {
  return Buffer.byteLength(adminSocketPath(state)) < ADDRESS_BYTES
}
