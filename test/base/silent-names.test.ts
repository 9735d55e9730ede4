import { Server } from 'node:net'
import { expect, test } from 'vitest'
import { systemClock } from '../../base/clock.ts'
import { isAddressAway, listenOn, tryListening } from '../../base/listening.ts'
import { post } from '../../drivers/links/http.ts'
import { TcpLink } from '../../drivers/links/tcp.ts'
import { connectPostgres } from '../../receiver/postgres/settings.ts'
import { connectNats } from '../../sync/protocol/nats-connection.ts'
import { ReceiverReader } from '../../sync/receiver-reader.ts'
import { askOnly, nameServer, silentNameServer } from '../name-server.ts'
import { patientClock } from '../patient-clock.ts'
import { MemoryJournal } from '../sync/memory-journal.ts'
import { cloud } from '../sync/rig.ts'

const SILENT = /the name server does not answer \(far\.example\)/
const { chain } = new MemoryJournal()
const { signal } = new AbortController()

/** Every client of a host by name. */
const CLIENTS: readonly (readonly [string, () => Promise<unknown>])[] = [
  ['a device on TCP', () => new TcpLink({ host: 'far.example', port: 9, clock: patientClock }).connect()],
  [
    'a printer on HTTP',
    () => post({ host: 'far.example', port: 9, path: '/', headers: {}, body: '' }, 5000, patientClock, signal),
  ],
  ['a NATS server', () => connectNats({ servers: ['tls://far.example:4222'], timeoutMs: 1000 })],
  ['a restore', () => new ReceiverReader({ url: 'https://far.example', token: 't', agentId: chain.agentId }).backups()],
  ['PostgreSQL', () => connectPostgres('postgres://receiver@far.example/receiver?sslmode=verify-full')],
  ['listen.host', () => tryListening({ host: 'far.example', port: 0 })],
]

test.each(CLIENTS)('%s names a silent name server as its cause', async (_who, connect) => {
  askOnly((await silentNameServer()).server)
  await expect(connect()).rejects.toThrow(SILENT)
})

test('a sync target names a silent name server as its cause, with the code', async () => {
  askOnly((await silentNameServer()).server)
  const target = cloud('https://far.example', 'token', systemClock)
  expect(await target.position(chain, signal)).toMatchObject({
    kind: 'unknown',
    code: 'name_server_silent',
    message: expect.stringMatching(SILENT),
  })
  await target.close()
})

test('an agent that listens on a name waits for a silent name server, and listens once it answers', async () => {
  askOnly((await silentNameServer()).server)
  const refused = await tryListening({ host: 'far.example', port: 0 }).catch((error: unknown) => error)
  expect(isAddressAway(refused)).toBe(true)
  const { server: answering } = await nameServer({ 'far.example': { addresses: ['127.0.0.1'] } })
  askOnly(answering)
  const server = new Server()
  const { port } = await listenOn(server, { host: 'far.example', port: 0 })
  expect(server.address()).toMatchObject({ address: '127.0.0.1', port })
  server.close()
})
