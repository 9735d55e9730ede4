import type { AddressInfo, Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { ConnectionLimits } from '../base/connection-limits.ts'
import { BIN, ownTill, startDaemon } from './cli/command.ts'
import { startHttp } from './http/harness.ts'
import { onLastingDisk } from './lasting-disk.ts'
import { ManualClock } from './manual-clock.ts'
import { heavy } from './tags.ts'
import { once } from './waits.ts'

/** A connection that stays open until it is refused, or the test ends. */
function opened(port: number): Socket {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  // Its end arrives only if it is read.
  socket.resume()
  onTestFinished(() => void socket.destroy())
  return socket
}

function logOf(): { lines: string[]; log: ConstructorParameters<typeof ConnectionLimits>[0]['log'] } {
  const lines: string[] = []
  return { lines, log: { warn: (fields, message) => lines.push(`${JSON.stringify(fields)} ${message}`) } }
}

test('connections beyond the limit of a server leave one line a minute, with the limit', async () => {
  const [clock, { lines, log }] = [new ManualClock(), logOf()]
  const limits = new ConnectionLimits({ clock, log, filesMax: undefined })
  const server = createServer()
  server.maxConnections = 2
  limits.watch(server, 'connections to an address', 2)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  for (const _ of [1, 2]) await once(opened(port), 'connect')
  expect(lines).toEqual([])
  for (const _ of [1, 2, 3]) await once(opened(port), 'close')
  expect(lines).toEqual(['{"count":2} connections are refused at a limit: 2 connections to an address'])
  await clock.advance(59_000)
  await once(opened(port), 'close')
  expect(lines).toHaveLength(1)
  await clock.advance(1_000)
  await once(opened(port), 'close')
  expect(lines).toHaveLength(2)
})

test('a stranger that another one replaces leaves a line with that limit', async () => {
  // On a busy machine the oldest of them is not ended for its missing headers instead.
  await using http = await startHttp({ headersTimeoutMs: 120_000, requestTimeoutMs: 120_000 })
  const ends: Promise<unknown>[] = []
  // One after the other: the kernel drops some of a thousand at once, and their clients do not learn of it.
  for (let count = 0; count < 1_026; count++) {
    const socket = opened(http.port)
    ends.push(once(socket, 'close'))
    await once(socket, 'connect')
  }
  await Promise.race(ends)
  const lines = http.lines.filter(({ message }) => message.includes('at a limit'))
  expect(lines).toMatchObject([{ level: 'warn', count: 1_024, message: expect.stringContaining('without a key') }])
})

test(
  'an agent without a free file logs that once, with the limit, and serves when some are free',
  heavy(),
  async () => {
    const script = 'ulimit -n 150; exec "$0" "$@"'
    const args = ['-c', script, process.execPath, BIN, 'run', '--config', ownTill()]
    const daemon = await startDaemon('sh', args, onLastingDisk())
    onTestFinished(() => void daemon.child.kill('SIGKILL'))
    expect(daemon.log()).not.toContain('at a limit')
    const sockets = Array.from({ length: 200 }, () => opened(Number(new URL(daemon.url).port)))
    await expect.poll(() => daemon.log()).toContain('connections are refused at a limit')
    for (const socket of sockets) socket.destroy()
    await expect
      .poll(() =>
        fetch(`${daemon.url}/healthz`).then(
          ({ status }) => status,
          () => 0,
        ),
      )
      .toBe(200)
    expect(daemon.log().match(/refused at a limit: 150 open files/g)).toHaveLength(1)
    daemon.child.kill('SIGTERM')
    expect((await daemon.ended).code).toBe(0)
  },
)
