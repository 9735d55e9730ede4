import { once } from 'node:events'
import { createServer } from 'node:net'
import { codeOf } from '../thrown.ts'

/** What a machine that has just been switched on may not have yet: its address from the router, its name, or the port free. */
const AWAY = new Set(['EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN', 'EADDRINUSE'])

/** Throws the system's error where nobody could listen there. */
export async function tryAddress({ host, port }: { host: string; port: number }): Promise<void> {
  const server = createServer().listen(port, host)
  await once(server, 'listening')
  server.close()
  await once(server, 'close')
}

/** True where it may go by itself that nobody can listen there. */
export function isAddressAway(error: unknown): boolean {
  return AWAY.has(codeOf(error) ?? '')
}
