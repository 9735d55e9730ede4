import { randomBytes } from 'node:crypto'
import type { AddressInfo, Socket } from 'node:net'
import { createServer } from 'node:net'
import { JetStreamApiError, jetstreamManager, StorageType } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { expect, onTestFinished, test, vi } from 'vitest'
import { remedyOf } from '../../agent/cli/checks/target-remedies.ts'
import { demandSafeServers } from '../../sync/protocol/nats-connection.ts'
import type { Target } from '../../sync/target.ts'
import { natsTarget } from '../../sync/targets/nats.ts'
import { faultOf } from '../../sync/targets/nats-fault.ts'
import { once } from '../waits.ts'
import { MemoryJournal } from './memory-journal.ts'
import { done, syncTo } from './rig.ts'
import type { TestNats } from './servers/nats.ts'
import { startNats } from './servers/nats.ts'

const PLACE = { stream: 'FISKAL', shards: 1, tenant: 'bakery' }
const { signal } = new AbortController()

function info(more: object = {}): string {
  const about = { server_id: 'liar', version: '2.10.0', proto: 1, headers: true, max_payload: 1 << 20, ...more }
  return `INFO ${JSON.stringify(about)}\r\n`
}

/** A server of bytes; `greet` is called with each connection, `open` counts those that the other side holds. */
async function liar(greet: (socket: Socket) => void) {
  const sockets = new Set<Socket>()
  const heard: Buffer[] = []
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('data', (bytes) => heard.push(bytes))
    socket.once('close', () => sockets.delete(socket))
    greet(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return {
    address: `127.0.0.1:${port}`,
    open: () => sockets.size,
    heard: () => Buffer.concat(heard).toString('latin1'),
  }
}

function to(server: string): Target {
  const target = natsTarget({ id: 'chain', servers: [server], ...PLACE, connectMs: 200 })
  onTestFinished(() => target.close())
  return target
}

/** All of the journal is in the stream. */
async function filled(journal: MemoryJournal, url: string): Promise<void> {
  const sync = syncTo(journal, to(url))
  await sync.sender.open()
  await sync.until(done)
  await sync.sender.close()
}

async function served(over: object = {}, settings = ''): Promise<TestNats> {
  const nats = await startNats({ settings })
  onTestFinished(() => nats.stop())
  await nats.addStream('FISKAL', over)
  return nats
}

test.each([
  ['says nothing', 'nats', () => undefined, 'time_out'],
  ['breaks off in its first line', 'nats', (socket: Socket) => socket.write('INFO {"server_id":'), 'time_out'],
  ['never begins its TLS', 'tls', (socket: Socket) => socket.write(info({ tls_required: true })), 'time_out'],
  ['never answers a ping', 'nats', (socket: Socket) => socket.write(info()), 'time_out'],
  ['speaks HTTP', 'nats', (socket: Socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'), 'nats_error'],
  ['never ends its first line', 'nats', (socket: Socket) => socket.write(Buffer.alloc(1 << 20, 'x')), 'nats_error'],
  ['speaks on before its TLS', 'tls', (s: Socket) => s.write(`${info({ tls_required: true })}PONG\r\n`), 'nats_error'],
] as const)('a server that %s is left again, with nothing kept open', async (_, scheme, greet, code) => {
  const { address, open } = await liar(greet)
  const target = to(`${scheme}://${address}`)
  const { chain } = new MemoryJournal()
  for (let attempt = 0; attempt < 3; attempt++)
    expect(await target.position(chain, signal)).toMatchObject({ kind: 'unknown', code })
  await expect.poll(open).toBe(0)
})

/** A server that accepts every client, and sends these bytes to the first request. */
function rude(words: Buffer | string) {
  return liar((socket) => {
    socket.write(info())
    let heard = ''
    socket.on('data', (bytes) => {
      heard += bytes.toString('latin1')
      if (heard.includes('PUB $JS')) socket.write(words)
      else if (heard.includes('PING')) socket.write('PONG\r\n')
    })
  })
}

test.each([
  ['never ends a line', Buffer.from(`MSG ${'x'.repeat(1 << 20)}`)],
  ['announces a message without end', 'MSG _INBOX.x 1 60000000\r\n'],
  ['greets without end', 'PING\r\n'.repeat(1000)],
  ['says what is no word of NATS', 'HTTP/1.1 500 \u001b[2J\r\n\r\n'],
])('a server that %s is left at once: nothing of it is kept, and nothing written', async (_, words) => {
  const written = vi.spyOn(console, 'log')
  onTestFinished(() => written.mockRestore())
  const { address, open } = await rude(words)
  const asked = await to(`nats://${address}`).position(new MemoryJournal().chain, signal)
  expect(asked).toMatchObject({ kind: 'unknown', code: 'nats_error' })
  await expect.poll(open).toBe(0)
  expect(written).not.toHaveBeenCalled()
})

test.each([
  ['offers none', {}],
  ['names its TLS with what is no truth value', { tls_required: 1 }],
  ['offers it with a word', { tls_available: 'no' }],
])('nothing is sent unencrypted to a server that was to speak TLS and %s', async (_, about) => {
  const { address, heard } = await liar((socket) => {
    socket.write(info(about))
    socket.once('data', () => socket.write('PONG\r\n'))
  })
  expect(await to(`tls://${address}`).position(new MemoryJournal().chain, signal)).toMatchObject({ kind: 'unknown' })
  // At most the beginning of a handshake (RFC 8446, 5.1).
  expect(['', '\x16\x03']).toContain(heard().slice(0, 2))
})

test('a journal crosses no network unencrypted', () => {
  demandSafeServers(['tls://cloud.example:4222', '127.0.0.1:4222', 'nats://localhost', 'nats://[::1]:4222'])
  for (const server of ['cloud.example:4222', 'nats://10.0.0.2:4222', 'nats://127.0.0.1.example'])
    expect(() => demandSafeServers([server])).toThrow('tls://')
})

test('an unfinished connection does not keep a stop waiting', async () => {
  const { address } = await liar(() => undefined)
  const stopping = new AbortController()
  const target = natsTarget({ id: 'chain', servers: [`nats://${address}`], ...PLACE, connectMs: 100_000 })
  const asked = target.position(new MemoryJournal().chain, stopping.signal)
  stopping.abort()
  expect(await asked).toMatchObject({ kind: 'unknown', code: 'stopped' })
})

/** Events that no compression makes smaller. */
function journalOf(events: number, bytes: number): MemoryJournal {
  const journal = new MemoryJournal({ bodyOf: () => JSON.stringify({ noise: randomBytes(bytes).toString('base64') }) })
  journal.append(events)
  return journal
}

test.each([
  ['server', {}, 'max_payload: 65536'],
  ['stream', { max_msg_size: 65_536 }, ''],
])(
  'a %s that takes only small messages gets batches of that size, and names the event that is larger',
  async (...made) => {
    const nats = await served(made[1], made[2])
    const journal = journalOf(100, 3000)
    const sync = syncTo(journal, to(nats.url))
    onTestFinished(() => sync.sender.close())
    await sync.sender.open()
    await sync.until(done)
    journal.events.push(...large(journal).events.slice(journal.events.length))
    const next = syncTo(journal, to(nats.url))
    onTestFinished(() => next.sender.close())
    await next.sender.open()
    const stalled = await next.until(({ state }) => state === 'stalled')
    expect(stalled.last_error?.message).toMatch(/^Event 101 is refused: .*max_payload/)
  },
)

/** The journal with one event more, of a size that does not fit. */
function large(journal: MemoryJournal): MemoryJournal {
  const copy = journal.clone(() => JSON.stringify({ noise: randomBytes(80_000).toString('base64') }))
  copy.append(1)
  return copy
}

test('a stream that is created again and may discard messages is not a target any longer', async () => {
  const nats = await served()
  const journal = journalOf(5, 10)
  const sync = syncTo(journal, to(nats.url))
  onTestFinished(() => sync.sender.close())
  await sync.sender.open()
  await sync.until(done)
  await nats.forget('FISKAL', { storage: StorageType.Memory })
  journal.append(1)
  const status = await sync.until(({ last_error: error }) => error !== null)
  expect(status).toMatchObject({ last_error: { code: 'stream_unsafe' }, acked_seq: 5 })
  await nats.forget('FISKAL')
  await sync.until(done)
})

test('a stream whose beginning was purged is reported as one that lost messages, until it has them again', async () => {
  const nats = await served()
  const journal = journalOf(450, 10)
  await filled(journal, nats.url)
  const connection = await connect({ servers: nats.url })
  const { streams } = await jetstreamManager(connection)
  await streams.purge('FISKAL', { keep: 1 })
  await connection.close()
  const sync = syncTo(journal, to(nats.url))
  onTestFinished(() => sync.sender.close())
  await sync.sender.open()
  const lost = { code: 'message_missing', message: expect.stringContaining('begins with event 401') }
  expect(await sync.until(({ last_error: error }) => error !== null)).toMatchObject({ last_error: lost })
  // New sales are still sent there: a receiver may have the rest.
  journal.append(1)
  expect(await sync.until(({ acked_seq: acked }) => acked === 451)).toMatchObject({ unacked: 0, last_error: lost })
  expect(sync.log.lines.filter(({ code }) => code === 'message_missing')).toHaveLength(1)
})

test('each refusal of a server has its own code', async () => {
  const users = `authorization { users: [
    { user: writer, password: w, permissions: { publish: ["$JS.>"], subscribe: [">"] } } ] }\nno_auth_user: writer`
  const nats = await startNats({ settings: users })
  onTestFinished(() => nats.stop())
  const journal = journalOf(1, 10)
  const asked = () => to(nats.url).position(journal.chain, signal)
  await expect.poll(asked).toMatchObject({ kind: 'unknown', code: 'stream_missing' })
  await nats.addStream('FISKAL')
  const sync = syncTo(journal, to(nats.url))
  onTestFinished(() => sync.sender.close())
  await sync.sender.open()
  const denied = await sync.until(({ last_error: error }) => error !== null)
  expect(denied.last_error).toMatchObject({ code: 'nats_denied', message: expect.stringContaining('fiscal.') })
})

test('a cluster without a majority is reported as such', () => {
  const error = new JetStreamApiError({ code: 503, err_code: 10008, description: 'system temporarily unavailable' })
  expect(faultOf(error)).toMatchObject({ kind: 'unknown', code: 'stream_leaderless' })
  expect(remedyOf('stream_leaderless')).toContain('servers')
})

test('a full stream is reported as such, and nothing is taken as stored', async () => {
  const nats = await served({ max_bytes: 200_000 })
  const journal = journalOf(100, 3000)
  const sync = syncTo(journal, to(nats.url))
  onTestFinished(() => sync.sender.close())
  await sync.sender.open()
  const full = await sync.until(({ last_error: error }) => error?.code === 'stream_full')
  expect(full.unacked).toBeGreaterThan(0)
})
