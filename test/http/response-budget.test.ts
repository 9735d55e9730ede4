import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { heavy } from '../tags.ts'
import { requestBytes, startHttp } from './harness.ts'
import { REGISTER_KEY } from './memory-application.ts'

const PATH = '/v1/operations'
/** More than the system takes off the agent's hands for a caller that does not read. */
const NOTE = 'x'.repeat(24 << 20)
const OF_REGISTER = { Authorization: undefined, 'X-Register-Api-Key': REGISTER_KEY }

/** Asks for the list and takes nothing of it but its beginning. */
async function unread(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.write(requestBytes(port, { path: PATH }))
  await new Promise((resolve) => socket.once('readable', resolve))
  return socket
}

test('a client that does not read a large answer gets no second one until it reconnects; others are answered', async () => {
  await using http = await startHttp()
  http.application.operationsById.set('op_1', { id: 'op_1', note: NOTE })
  const socket = await unread(http.port)
  http.application.operationsById.set('op_1', { id: 'op_1' })
  const refused = await http.json({ path: PATH })
  expect([refused.status, refused.json['code'], refused.headers['retry-after']]).toEqual([
    429,
    'rate_limit_exceeded',
    '2',
  ])
  expect((await http.call({ path: PATH, headers: OF_REGISTER })).status).toBe(200)
  expect((await http.call({ path: '/healthz' })).status).toBe(200)
  socket.destroy()
  await expect.poll(async () => (await http.call({ path: PATH })).status).toBe(200)
})

test('a client that reads its responses gets one after the other', heavy(), async () => {
  await using http = await startHttp()
  http.application.operationsById.set('op_1', { id: 'op_1', note: NOTE.slice(0, 4 << 20) })
  for (let count = 0; count < 3; count++) expect((await http.call({ path: PATH })).status).toBe(200)
  // Concurrent small responses are not counted.
  http.application.operationsById.set('op_1', { id: 'op_1' })
  const small = await Promise.all(Array.from({ length: 300 }, () => http.call({ path: PATH })))
  expect(new Set(small.map(({ status }) => status))).toEqual(new Set([200]))
})

test('a client that reads nothing of a large response for a minute is cut off, and may ask for another one', async () => {
  await using http = await startHttp({ stalledMs: 200 })
  http.application.operationsById.set('op_1', { id: 'op_1', note: NOTE })
  const socket = await unread(http.port)
  socket.on('error', () => undefined)
  http.application.operationsById.set('op_1', { id: 'op_1' })
  await expect.poll(async () => (await http.call({ path: PATH })).status).toBe(200)
  socket.destroy()
})
