import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below the ports that the kernel gives to outgoing connections and to who asks for any (`ip_local_port_range`, 32768 on). */
const FIRST = 20_000
const END = 32_000

/**
 * A port for a server that is told its port, or has the same one again after a restart. One that the kernel chose could
 * be the near end of somebody's connection by the time the server wants it.
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
