import { once } from 'node:events'
import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import type { Change } from '../../agent/till/application.ts'
import { systemClock } from '../../base/clock.ts'
import { ManualClock } from '../manual-clock.ts'
import { loopTurn, requestBytes, startHttp } from './harness.ts'
import { MemoryApplication } from './memory-application.ts'

const PATH = '/v1/events'

function changes(count: number, size = 10): Change[] {
  return Array.from({ length: count }, (_, index) => {
    const seq = index + 1
    return { kind: 'operation.created', data: { seq, id: `op_${'x'.repeat(size)}`, state: 'open' }, seq }
  })
}

/** A connection that has asked for the stream and reads it as text. */
async function watch(
  port: number,
  headers: Record<string, string> = {},
): Promise<{ socket: Socket; text: () => string }> {
  const socket = connect(port, '127.0.0.1')
  let text = ''
  socket.on('error', () => undefined)
  socket.on('data', (bytes) => {
    text += bytes.toString()
  })
  socket.write(requestBytes(port, { path: PATH, headers }))
  await once(socket, 'data')
  return { socket, text: () => text }
}

async function until(look: () => boolean): Promise<void> {
  while (!look()) await new Promise((resolve) => setImmediate(resolve))
}

test('an idle stream receives a heartbeat with its place', async () => {
  const clock = new ManualClock()
  const application = new MemoryApplication()
  application.told.push(...changes(3))
  await using http = await startHttp({ clock }, application)
  const { socket, text } = await watch(http.port)
  await clock.advance(15_000)
  await until(() => text().includes(': still here'))
  expect(text()).toContain('retry: 2000\n\n')
  expect(text()).toMatch(/: still here\nid: 3\n\n/)
  expect(text()).not.toContain('event:')
  socket.destroy()
  await until(() => application.listeners.size === 0)
})

test('a reader that does not read is dropped after a while, and nothing is buffered for it until then', async () => {
  const clock = new ManualClock()
  const application = new MemoryApplication()
  application.told.push(...changes(4000, 20_000))
  let looks = 0
  const { after } = application.changes
  application.changes.after = (...args) => {
    looks++
    return after(...args)
  }
  await using http = await startHttp({ clock }, application)
  const socket = connect(http.port, '127.0.0.1')
  socket.on('error', () => undefined)
  socket.pause()
  socket.write(requestBytes(http.port, { path: PATH, headers: { 'Last-Event-ID': '0' } }))
  await until(() => application.listeners.size === 1)
  for (let turns = 0; turns < 50; turns++) await clock.advance(10)
  // 80 MB wait in the journal; the agent reads as much as the line takes.
  expect(looks).toBeLessThan(20)
  await clock.advance(31_000)
  await until(() => application.listeners.size === 0)
  socket.destroy()
})

test('one key opens a limited number of streams; the others get a retry time', async () => {
  const clock = new ManualClock()
  await using http = await startHttp({ clock })
  const open = await Promise.all(Array.from({ length: 16 }, () => watch(http.port)))
  const refused = await http.json({ path: PATH })
  expect([refused.status, refused.json['code'], refused.headers['retry-after']]).toEqual([
    429,
    'rate_limit_exceeded',
    '5',
  ])
  for (const { socket } of open) socket.destroy()
  await until(() => http.application.listeners.size === 0)
  const { socket } = await watch(http.port)
  socket.destroy()
})

test('events outside of the journal are sent at once and carry no place', async () => {
  const clock = new ManualClock()
  await using http = await startHttp({ clock })
  const { socket, text } = await watch(http.port)
  const told: Change = { kind: 'sync.changed', data: { seq: 0, id: 'cloud', state: 'offline' }, seq: undefined }
  for (const listener of http.application.listeners) listener(told)
  await until(() => text().includes('sync.changed'))
  expect(text()).toContain('event: sync.changed\ndata: {"seq":0,"id":"cloud","state":"offline"}\n\n')
  socket.destroy()
})

test('streams that resume far back read one portion per event-loop turn, whatever the client', async () => {
  const application = new MemoryApplication()
  application.told.push(...changes(1500))
  const turns: number[] = []
  const { after } = application.changes
  application.changes.after = (...args) => {
    turns.push(loopTurn())
    return after(...args)
  }
  await using http = await startHttp({ clock: systemClock }, application)
  const streams = await Promise.all(Array.from({ length: 12 }, () => watch(http.port, { 'Last-Event-ID': '0' })))
  await until(() => streams.every(({ text }) => text().includes('id: 1500\n')))
  expect(new Set(turns).size).toBe(turns.length)
  for (const { socket } of streams) socket.destroy()
})
