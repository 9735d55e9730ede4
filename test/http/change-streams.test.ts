import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import type { Change } from '../../agent/till/application.ts'
import { systemClock } from '../../base/clock.ts'
import { ManualClock } from '../manual-clock.ts'
import { once } from '../waits.ts'
import { loopTurn, requestBytes, startHttp } from './harness.ts'
import { MemoryApplication, PLATFORM_KEY } from './memory-application.ts'

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
  query = '',
): Promise<{ socket: Socket; text: () => string }> {
  const socket = connect(port, '127.0.0.1')
  let text = ''
  socket.on('error', () => undefined)
  socket.on('data', (bytes) => {
    text += bytes.toString()
  })
  socket.write(requestBytes(port, { path: `${PATH}${query}`, headers }))
  await once(socket, 'data')
  return { socket, text: () => text }
}

/** The whole of a stream that ends. */
async function read(
  port: number,
  headers: Record<string, string> = {},
): Promise<{ type: string | null; text: string }> {
  const all = { Authorization: `Bearer ${PLATFORM_KEY}`, ...headers }
  const answer = await fetch(`http://127.0.0.1:${port}${PATH}?follow=false`, { headers: all })
  return { type: answer.headers.get('content-type'), text: await answer.text() }
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

test('a stream that does not follow ends at once for a new reader, and listens to nothing', async () => {
  const application = new MemoryApplication()
  application.told.push(...changes(3))
  await using http = await startHttp({ clock: new ManualClock() }, application)
  for (const headers of [{}, { 'Last-Event-ID': '' }, { 'Last-Event-ID': '3' }]) {
    const ended = { type: 'text/event-stream', text: 'retry: 2000\n\nid: 3\n\n' }
    expect(await read(http.port, headers)).toEqual(ended)
  }
  expect(application.listeners.size).toBe(0)
})

test('a stream that does not follow brings every event that exists after the last one of its reader', async () => {
  const application = new MemoryApplication()
  application.told.push(...changes(130))
  const { after } = application.changes
  application.changes.after = (...args) => {
    // Sales continue while the stream is read: it ends all the same.
    if (application.told.length < 1000) application.told.push(...changes(application.told.length + 50).slice(-50))
    return after(...args)
  }
  await using http = await startHttp({}, application)
  const { text } = await read(http.port, { 'Last-Event-ID': '2' })
  const seqs = [...text.matchAll(/^data: \{"seq":(\d+)/gm)].map(([, seq]) => Number(seq))
  expect(seqs.slice(0, 128)).toEqual(Array.from({ length: 128 }, (_, index) => index + 3))
  expect(seqs.length).toBeLessThan(128 + 25)
  expect((await read(http.port, { 'Last-Event-ID': '99999' })).text).toContain('event: reset')
})

test('a reader that sees none of the events of a stream that ends learns its place', async () => {
  const application = new MemoryApplication()
  application.told.push(...changes(40))
  application.changes.after = (_access, seq, limit) => ({
    upTo: Math.min(seq + limit, 40),
    changes: [],
    revoked: false,
  })
  await using http = await startHttp({}, application)
  expect((await read(http.port, { 'Last-Event-ID': '7' })).text).toBe('retry: 2000\n\nid: 7\n\nid: 40\n\n')
})

test('a slow reader gets all of a large stream that does not follow', async () => {
  const application = new MemoryApplication()
  application.told.push(...changes(600, 20_000))
  await using http = await startHttp({}, application)
  const socket = connect(http.port, '127.0.0.1')
  let length = 0
  const headers = { 'Last-Event-ID': '0', Connection: 'close' }
  socket.write(requestBytes(http.port, { path: `${PATH}?follow=false`, headers }))
  await new Promise((resolve) => socket.once('readable', resolve))
  socket.on('data', (bytes) => (length += bytes.length)).resume()
  await once(socket, 'end')
  expect(length).toBeGreaterThan(600 * 20_000)
})

test('follow is true or false, empty is left out, and members of a browser are ignored', async () => {
  await using http = await startHttp({ clock: new ManualClock() })
  for (const follow of ['no', '1', 'FALSE', 'false%20']) {
    const refused = await http.json({ path: `${PATH}?follow=${follow}` })
    expect([follow, refused.status, refused.json.details['errors']]).toEqual([
      follow,
      400,
      [{ pointer: '/follow', message: 'must be "true" or "false"' }],
    ])
  }
  for (const query of ['?follow=', '?follow=true', '?lastEventId=7']) {
    const { socket } = await watch(http.port, {}, query)
    await until(() => http.application.listeners.size === 1)
    socket.destroy()
    await until(() => http.application.listeners.size === 0)
  }
})
