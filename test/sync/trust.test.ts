import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import { createServer } from 'node:net'
import { getCACertificates, setDefaultCACertificates, TLSSocket } from 'node:tls'
import { afterAll, afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { systemClock } from '../../base/clock.ts'
import { connectPostgres } from '../../receiver/postgres/settings.ts'
import { connectNats } from '../../sync/protocol/nats-connection.ts'
import { ReceiverReader } from '../../sync/receiver-reader.ts'
import { httpsTarget } from '../../sync/targets/https.ts'
import { once } from '../waits.ts'
import { Authority } from './servers/certificates.ts'

const authority = new Authority()
const shown = authority.issue('IP:127.0.0.1')
afterAll(() => authority.remove())

/** The public authorities of a process whose environment adds one, and switches the check off. */
const publicAuthorities = getCACertificates()
beforeEach(() => {
  setDefaultCACertificates([...publicAuthorities, authority.ca])
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
  vi.stubEnv('PGSSLMODE', 'no-verify')
})
afterEach(() => {
  setDefaultCACertificates(publicAuthorities)
  vi.unstubAllEnvs()
})

const NATS_INFO = `INFO ${JSON.stringify({ server_id: 'x', version: '2.12.0', proto: 1, max_payload: 1_048_576, tls_required: true })}\r\n`

/** What a server does before TLS begins. */
async function begin(socket: Socket, kind: Client['server']): Promise<void> {
  if (kind === 'nats') socket.write(NATS_INFO)
  if (kind !== 'postgres') return
  await once(socket, 'data')
  socket.write('S')
}

/** Shows a certificate of the test's authority, and tells whether a client took it. */
async function openServer(kind: Client['server']): Promise<{ port: number; taken: Promise<boolean> }> {
  let settle: (taken: boolean) => void = () => undefined
  const taken = new Promise<boolean>((resolve) => {
    settle = resolve
  })
  const server = createServer(async (socket) => {
    socket.on('error', () => settle(false))
    await begin(socket, kind)
    const secure = new TLSSocket(socket, { isServer: true, cert: shown.cert, key: shown.key })
    secure.on('error', () => settle(false))
    // A client sends its first bytes once it trusts the server.
    secure.once('data', () => {
      settle(true)
      secure.destroy()
    })
    secure.once('close', () => settle(false))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return { port: (server.address() as { port: number }).port, taken }
}

type Client = {
  name: string
  server: 'https' | 'nats' | 'postgres'
  connect(port: number, ca: string | undefined): Promise<unknown>
}

const CHAIN = {
  chainId: '0190c0de-0000-7000-8000-000000000001',
  agentId: randomUUID(),
  epoch: 1,
  publicKey: '',
  genesis: {},
}
const clients: Client[] = [
  {
    name: 'sync to a receiver',
    server: 'https',
    connect: (port, ca) => {
      const tls = ca === undefined ? {} : { tls: async () => ({ ca }) }
      const about = { token: async () => 'frt_x', clock: systemClock, requestId: randomUUID, ...tls }
      const target = httpsTarget({ id: 'cloud', url: `https://127.0.0.1:${port}`, ...about })
      return target.position(CHAIN as never, new AbortController().signal).finally(() => target.close())
    },
  },
  {
    name: 'restore from a receiver',
    server: 'https',
    connect: (port, ca) => {
      const own = ca === undefined ? {} : { ca }
      const about = { url: `https://127.0.0.1:${port}`, token: 'frt_x', agentId: CHAIN.agentId, ...own }
      return new ReceiverReader(about).backups()
    },
  },
  {
    name: 'NATS',
    server: 'nats',
    connect: (port, ca) => {
      const tls = ca === undefined ? {} : { tls: async () => ({ ca }) }
      return connectNats({ servers: [`tls://127.0.0.1:${port}`], timeoutMs: 10_000, ...tls })
    },
  },
  {
    name: 'PostgreSQL',
    server: 'postgres',
    connect: (port, ca) => {
      const own = ca === undefined ? '' : `&sslrootcert=${authority.caFile}`
      return connectPostgres(`postgres://role:secret@127.0.0.1:${port}/db?sslmode=verify-full${own}`)
    },
  },
]

test.each(clients)('$name trusts no authority that the environment adds', async ({ server, connect }) => {
  const { port, taken } = await openServer(server)
  await connect(port, undefined).catch(() => undefined)
  expect(await taken).toBe(false)
})

test.each(clients)('$name trusts the authority that the configuration names', async ({ server, connect }) => {
  const { port, taken } = await openServer(server)
  await connect(port, authority.ca).catch(() => undefined)
  expect(await taken).toBe(true)
})

test('a connection string without sslmode goes unencrypted to no other machine, whatever PGSSLMODE says', async () => {
  const refused = connectPostgres('postgres://role:secret@192.0.2.1/db')
  await expect(refused).rejects.toMatchObject({ code: 'store_insecure' })
})
