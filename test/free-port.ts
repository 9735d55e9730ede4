import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'
import { once } from './waits.ts'

/** Below the ports that the kernel gives to outgoing connections and to port 0 (`ip_local_port_range`, 32768 on). */
const FIRST = 20_000
const END = 32_000

/**
 * A port for a server with a fixed port, or the same one after a restart. A port chosen by the kernel could be the near
 * end of another connection by the time the server wants it.
 */
export async function freePort(): Promise<number> {
  const server = createServer()
  const port = randomInt(FIRST, END)
  try {
    await once(server.listen(port), 'listening')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return freePort()
    throw error
  }
  server.close()
  await once(server, 'close')
  return port
}
