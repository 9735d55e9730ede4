import { Agent } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { createServer } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { ReceiverReader } from '../../sync/receiver-reader.ts'
import type { Outgoing, Target } from '../../sync/target.ts'
import { askOnly, nameServer } from '../name-server.ts'
import { heavy } from '../tags.ts'
import { once } from '../waits.ts'
import { MemoryJournal } from './memory-journal.ts'
import { cloud, fastClock } from './rig.ts'

const EMPTY = { head_seq: 0, head: Buffer.alloc(32).toString('base64url') }
const SWITCHED = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'
const { chain } = new MemoryJournal()
const { signal } = new AbortController()

function answer(status: string, document: object): string {
  const body = JSON.stringify(document)
  return `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}

/** A server of bytes: `told` is called once the headers of a request have arrived. */
async function listening(told: (socket: Socket, request: number) => void): Promise<string> {
  const sockets = new Set<Socket>()
  let requests = 0
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', (bytes) => {
      if (bytes.includes('\r\n\r\n')) told(socket, requests++)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function targetThat(told: (socket: Socket, request: number) => void, factor = 20): Promise<Target> {
  const target = cloud(await listening(told), 'token', fastClock(factor))
  onTestFinished(() => target.close())
  return target
}

test('an answer that breaks the protocol does not count, and the request is repeated', async () => {
  const target = await targetThat((socket, request) => socket.write(request === 0 ? SWITCHED : answer('200 OK', EMPTY)))
  expect(await target.position(chain, signal)).toMatchObject({ kind: 'unknown', code: 'no_answer' })
  expect(await target.position(chain, signal)).toMatchObject({ kind: 'position', headSeq: 0 })
})

test('of interim answers a few are waited through, and no flood of them', async () => {
  const few = await targetThat((socket) =>
    socket.write(`${'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(3)}${answer('200 OK', EMPTY)}`),
  )
  expect(await few.position(chain, signal)).toMatchObject({ kind: 'position' })
  const many = await targetThat((socket) => socket.write('HTTP/1.1 100 Continue\r\n\r\n'.repeat(100)), 1)
  expect(await many.position(chain, signal)).toMatchObject({ kind: 'unknown', code: 'no_answer' })
})

test('a peer that answers a batch and stops reading it blocks no later request', heavy(), async () => {
  const target = await targetThat((socket, request) => {
    if (request === 0) socket.pause()
    socket.write(request === 0 ? answer('503 Service Unavailable', { code: 'busy' }) : answer('200 OK', EMPTY))
  })
  const text = crypto.getRandomValues(new Uint8Array(60_000))
  const large = Buffer.concat(Array.from({ length: 300 }, (_, index) => Buffer.concat([text, Buffer.of(index)])))
  const batch: Outgoing = { first: 1, last: 1, prev: Buffer.alloc(32), hashes: [Buffer.alloc(32)], text: large }
  expect(await target.deliver(chain, batch, signal)).toMatchObject({ kind: 'busy' })
  expect(await target.position(chain, signal)).toMatchObject({ kind: 'position' })
})

test('a restore is notified of a receiver that changes the protocol', async () => {
  const url = await listening((socket) => socket.write(SWITCHED))
  const reader = new ReceiverReader({ url, token: 'token', agentId: chain.agentId })
  await expect(reader.backups()).rejects.toMatchObject({ code: 'receiver_unreachable' })
})

test('a name with several unserved addresses is reported with the result of each', async () => {
  const { server } = await nameServer({ 'cloud.example': { addresses: ['127.0.0.1', '127.0.0.2'] } })
  askOnly(server)
  const made = vi.spyOn(Agent.prototype, 'createConnection')
  onTestFinished(() => made.mockRestore())
  const target = cloud('https://cloud.example:1', 'token')
  onTestFinished(() => target.close())
  const refused = {
    code: 'ECONNREFUSED',
    message: 'connect ECONNREFUSED 127.0.0.1:1, connect ECONNREFUSED 127.0.0.2:1',
  }
  expect(await target.position(chain, signal)).toMatchObject({ kind: 'unknown', ...refused })
  // A first packet over a satellite takes longer than the 250 ms that Node waits for before it takes the next one.
  expect(made.mock.calls[0]?.[0]).toMatchObject({ autoSelectFamilyAttemptTimeout: 2000 })
  const reader = new ReceiverReader({ url: 'https://cloud.example:1', token: 'token', agentId: chain.agentId })
  await expect(reader.backups()).rejects.toMatchObject({ message: refused.message })
  expect(made.mock.calls[1]?.[0]).toMatchObject({ autoSelectFamilyAttemptTimeout: 2000 })
})
