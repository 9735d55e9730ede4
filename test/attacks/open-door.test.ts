import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { Bench } from '../e2e/bench.ts'
import { sell } from '../e2e/goods.ts'
import { heavy } from '../tags.ts'
import { once } from '../waits.ts'

// A program of the machine without a key asks every open route, and reads no answer: it must not stop the tills.

const [PER_SECOND, BURST, REQUESTS] = [50, 200, 1_000]
const PATHS = [
  '/openapi-json',
  '/docs/plain',
  '/',
  '/metrics',
  '/readyz',
  '/page/words.js',
  '/nothing',
  '/v1/operations',
]

/** The status of a request whose answer is left unread. */
async function unread(port: number, request: string): Promise<{ socket: Socket; status: number }> {
  const onread = { buffer: Buffer.alloc(12), callback: () => false }
  let head = ''
  const socket = connect({
    port,
    host: '127.0.0.1',
    onread: { ...onread, callback: (_length, buffer) => keep(buffer) },
  })
  const keep = (buffer: Uint8Array): boolean => {
    if (head === '') head = Buffer.from(buffer).toString('latin1')
    socket.emit('head')
    return false
  }
  socket.on('error', () => undefined)
  socket.write(`${request}\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`)
  await once(socket, 'head')
  return { socket, status: Number(head.split(' ')[1]) }
}

test(
  'a program without a key that asks every open route and reads nothing stops no till of its address',
  heavy(),
  async () => {
    await using bench = await Bench.open()
    const register = await bench.till()
    const port = Number(new URL(bench.url).port)
    const linesBefore = bench.lines.length
    const startedAt = performance.now()
    const sockets: Socket[] = []
    let passed = 0
    for (let count = 0; count < REQUESTS; count++) {
      const path = PATHS[count % PATHS.length]
      const { socket, status } = await unread(port, `${count % 3 === 0 ? 'HEAD' : 'GET'} ${path} HTTP/1.1`)
      sockets.push(socket)
      if (status !== 429) passed++
    }
    const seconds = (performance.now() - startedAt) / 1000
    expect(passed).toBeGreaterThanOrEqual(BURST - 100)
    expect(passed).toBeLessThanOrEqual(BURST + PER_SECOND * seconds + 1)
    expect((await sell(register, '4.50')).fiscal.state).toBe('succeeded')
    const keyed = { headers: { Authorization: `Bearer ${bench.platformKey}` } }
    for (const path of ['/healthz', '/readyz', '/metrics', '/openapi-json', '/v1/operations'])
      expect((await fetch(`${bench.url}${path}`, keyed)).status, path).toBe(200)
    const lines = bench.lines.slice(linesBefore).filter(({ fields }) => fields['method'] !== undefined)
    expect(lines.length).toBeLessThan(REQUESTS / 2 + PER_SECOND * seconds)
    for (const socket of sockets) socket.destroy()
  },
)
