import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { connect as connectSecure } from 'node:tls'
import { afterAll, expect, test } from 'vitest'
import { networkOf } from '../../agent/http/strangers.ts'
import { Authority } from '../sync/servers/certificates.ts'
import { heavy, smoke } from '../tags.ts'
import { once, within } from '../waits.ts'
import { requestBytes, StandingClock, startHttp } from './harness.ts'
import { DISPLAY_TOKEN, PLATFORM_KEY } from './memory-application.ts'
import { RawConnection, rawExchange } from './raw-client.ts'

const NO_KEY = { Authorization: undefined }
const BURST = 200
const LARGE = '/openapi-json'
/** That document has 350 to 448 KiB. */
const LARGE_BYTES = 350 << 10
const LARGE_MOST = 24
/** Of a test that needs more requests than a stranger has. */
const FREE = { perSecond: 1e6, burst: 1e6 }
const ORIGIN = 'https://till.example'

/** What a stranger may ask for: each open route, paths that are none, and the sale API without or with a wrong key. */
const REQUESTS: { path: string; method: string; headers: Record<string, string | undefined> }[] = [
  ...['/', '/page/status.js', '/healthz', '/readyz', '/metrics', LARGE, '/docs', '/docs/plain', '/docs/start.js'],
  ...[
    '/docs/scalar.js',
    '/docs-json',
    '/errors/not_found',
    `/display/${DISPLAY_TOKEN}`,
    '/nothing',
    '//',
    '/v1/operations',
  ],
].flatMap((path) => [
  { path, method: 'HEAD', headers: NO_KEY },
  { path, method: 'GET', headers: { ...NO_KEY, 'X-Api-Key': 'wrong', 'If-None-Match': '*' } },
])
const STRANGE: { path: string; method?: string; headers: Record<string, string | undefined> }[] = [
  ...REQUESTS,
  { path: '/v1/operations', headers: { Authorization: 'Bearer wrong' } },
  { path: '/healthz', headers: { ...NO_KEY, Host: 'evil.example' } },
  { path: '/healthz', headers: { ...NO_KEY, Origin: 'https://evil.example' } },
  { path: '/healthz', method: 'OPTIONS', headers: NO_KEY },
]

const authority = new Authority()
afterAll(() => authority.remove())

type Http = Awaited<ReturnType<typeof startHttp>>

/** How many of so many strange requests the gate lets through. */
async function letThrough(http: Http, times: number): Promise<number> {
  let passed = 0
  for (let count = 0; count < times; count++) {
    const request = STRANGE[count % STRANGE.length]
    if (request === undefined) break
    const { status, headers, body } = await http.call(request)
    if (status !== 429) passed++
    else if (request.method !== 'HEAD' && !body.includes('Too many wrong keys'))
      expect([headers['retry-after'], body.includes('"code":"rate_limit_exceeded"')]).toEqual(['1', true])
  }
  return passed
}

test('a stranger has one bucket for all routes, known or not: 200 at once, then 50 a second', smoke(), async () => {
  const clock = new StandingClock()
  await using http = await startHttp({ clock })
  expect(await letThrough(http, BURST)).toBe(BURST)
  expect(await letThrough(http, STRANGE.length)).toBe(0)
  clock.ms += 1_000
  expect(await letThrough(http, 2 * STRANGE.length)).toBe(50)
})

/** Uses up the bucket of 127.0.0.1. */
async function floodedHttp(options: Parameters<typeof startHttp>[0] = {}) {
  const http = await startHttp({ clock: new StandingClock(), ...options })
  const stranger = new RawConnection(http.port)
  let last = 200
  for (let count = 0; count <= BURST; count++) {
    stranger.write(requestBytes(http.port, { path: '/healthz', headers: NO_KEY }))
    const answer = await stranger.answer()
    last = answer?.status ?? last
    if (answer === undefined || stranger.closed) throw new Error('the connection of the stranger ended early')
  }
  expect(last).toBe(429)
  stranger.socket.destroy()
  return http
}

test('a valid key is served on each route while a stranger of its address has used up the bucket', async () => {
  await using http = await floodedHttp({ allowedOrigins: [ORIGIN] })
  for (const path of ['/v1/operations', '/healthz', '/readyz', '/metrics', LARGE, '/'])
    for (let times = 0; times < 5; times++) expect((await http.call({ path })).status, path).toBe(200)
  expect((await http.json({ path: '/nothing' })).json['code']).toBe('not_found')
  // A till that is a page: its browser asks first, without the key.
  const asked = { ...NO_KEY, Origin: ORIGIN, 'Access-Control-Request-Method': 'POST' }
  expect((await http.call({ path: '/v1/operations', method: 'OPTIONS', headers: asked })).status).toBe(204)
  const foreign = { ...asked, Origin: 'https://evil.example' }
  expect((await http.call({ path: '/v1/operations', method: 'OPTIONS', headers: foreign })).status).toBe(429)
})

test('another address has its own bucket', async () => {
  await using http = await floodedHttp()
  const request = requestBytes(http.port, { path: '/healthz', headers: NO_KEY })
  expect((await rawExchange(http.port, request))?.status).toBe(429)
  expect((await rawExchange(http.port, request, { from: '127.0.0.2' }))?.status).toBe(200)
})

test.each([
  ['192.168.1.20', '192.168.1.20'],
  ['::ffff:192.168.1.20', '192.168.1.20'],
  ['::1', '0:0:0:0'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8:1:2::9', '2001:db8:1:2'],
  ['2001:db8::9', '2001:db8:0:0'],
  ['2001:db8:1:2:3:4:5::', '2001:db8:1:2'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
  ['', ''],
])('the bucket of %s is that of %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})

test('bytes that are not a request take from the bucket, too', async () => {
  await using http = await startHttp({ clock: new StandingClock(), strangers: { perSecond: 1, burst: 3 } })
  for (let count = 0; count < 3; count++) expect((await rawExchange(http.port, 'BROKEN\r\n\r\n'))?.status).toBe(400)
  const refused = await rawExchange(http.port, 'BROKEN\r\n\r\n')
  expect([refused?.status, refused?.headers['retry-after']]).toEqual([429, '1'])
  const till = new RawConnection(http.port)
  till.write(Buffer.concat([requestBytes(http.port, { path: '/v1/operations' }), Buffer.from('BROKEN\r\n\r\n')]))
  expect((await till.answer())?.status).toBe(200)
  expect((await till.answer())?.status).toBe(400)
  till.socket.destroy()
})

test('refused requests of strangers are one line of the log in a minute', async () => {
  const clock = new StandingClock()
  await using http = await startHttp({ clock, strangers: { perSecond: 1, burst: 1 } })
  const request = { path: '/healthz', headers: NO_KEY }
  const lines = () => http.lines.map(({ level, message }) => `${level} ${message}`)
  for (let count = 0; count < 10; count++) await http.call(request)
  await expect.poll(lines).toHaveLength(2)
  expect(lines().toSorted()).toEqual([
    'info request',
    expect.stringMatching(/^warn requests without a key are refused/),
  ])
  clock.ms += 60_000
  for (let count = 0; count < 10; count++) await http.call(request)
  await expect.poll(lines).toHaveLength(4)
})

/** A caller that reads only the first bytes of its answer, until `readOn`. */
class UnreadAnswer {
  readonly socket: Socket
  #isReading = false
  #head = ''
  #bytes = 0
  #wake: () => void = () => undefined

  constructor(port: number, writes: readonly (string | Buffer)[], halfCloses: boolean) {
    const take = (count: number, buffer: Uint8Array): boolean => {
      if (this.#head === '') this.#head = Buffer.from(buffer.subarray(0, count)).toString('latin1')
      this.#bytes += count
      this.#wake()
      return this.#isReading
    }
    const onread = { buffer: Buffer.alloc(4096), callback: take }
    this.socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, onread })
    this.socket.on('error', () => undefined)
    for (const event of ['end', 'close']) this.socket.once(event, () => this.#wake())
    for (const bytes of writes) this.socket.write(bytes)
    if (halfCloses) this.socket.end()
  }

  /** 0 for a connection that ended without an answer. */
  async status(): Promise<number> {
    while (this.#head === '' && !this.#isOver) await this.#change()
    return Number(this.#head.split(' ')[1] ?? 0)
  }

  /** Reads all that is left for it: true if it was a whole large answer. */
  async readOn(): Promise<boolean> {
    this.#isReading = true
    this.socket.resume()
    while ((await this.status()) === 200 && this.#bytes < LARGE_BYTES && !this.#isOver) await this.#change()
    this.socket.destroy()
    return this.#bytes >= LARGE_BYTES
  }

  get #isOver(): boolean {
    return this.socket.closed || this.socket.readableEnded
  }

  #change(): Promise<void> {
    return within('bytes of an unread answer', new Promise((resolve) => (this.#wake = resolve)))
  }
}

type Way = { name: string; writes: (port: number) => (string | Buffer)[]; halfCloses?: true }

function largeRequest(port: number, headers: Record<string, string> = {}, version = '1.1'): Buffer {
  return requestBytes(port, { path: LARGE, headers: { ...NO_KEY, ...headers }, version })
}

const WAYS: Way[] = [
  { name: 'on a connection that stays', writes: (port) => [largeRequest(port)] },
  { name: 'with Connection: close', writes: (port) => [largeRequest(port, { Connection: 'close' })] },
  { name: 'by HTTP 1.0', writes: (port) => [largeRequest(port, {}, '1.0')] },
  { name: 'and shuts its sending side', writes: (port) => [largeRequest(port)], halfCloses: true },
  { name: 'and sends the next one', writes: (port) => [largeRequest(port), largeRequest(port)] },
  { name: 'and sends nine at once', writes: (port) => [Buffer.concat(Array(9).fill(largeRequest(port)))] },
  { name: 'and breaks the next one', writes: (port) => [largeRequest(port), 'BROKEN\r\n\r\n'] },
]

test.each(WAYS)(
  'of large answers that no one reads at most 8 MiB are kept for strangers: $name',
  heavy(),
  async (way) => {
    await using http = await startHttp({ strangers: FREE })
    const callers: UnreadAnswer[] = []
    const statuses = new Set<number>()
    for (let count = 0; count < 2 * LARGE_MOST; count++) {
      const caller = new UnreadAnswer(http.port, way.writes(http.port), way.halfCloses === true)
      callers.push(caller)
      statuses.add(await caller.status())
    }
    expect([...statuses].filter((status) => ![200, 429, 0].includes(status))).toEqual([])
    // What is small is answered to a stranger, and everything to a key.
    for (const path of ['/healthz', '/metrics', '/page/status.js', `/display/${DISPLAY_TOKEN}/now`])
      expect((await http.call({ path, headers: NO_KEY })).status, path).toBe(200)
    expect((await http.call({ path: LARGE })).status).toBe(200)
    const whole: boolean[] = []
    for (const caller of callers) whole.push(await caller.readOn())
    expect(whole.filter(Boolean).length).toBeLessThanOrEqual(LARGE_MOST)
    await expect.poll(async () => (await http.call({ path: LARGE, headers: NO_KEY })).status).toBe(200)
  },
)

test('a large answer beyond 8 MiB of unread ones is refused with 429 until they are read', async () => {
  await using http = await startHttp()
  const callers = Array.from(
    { length: LARGE_MOST + 1 },
    () => new UnreadAnswer(http.port, [largeRequest(http.port)], false),
  )
  const statuses = await Promise.all(callers.map((caller) => caller.status()))
  expect(new Set(statuses)).toEqual(new Set([200, 429]))
  const refused = await http.json({ path: LARGE, headers: { ...NO_KEY, Accept: 'application/problem+json' } })
  expect([refused.status, refused.headers['retry-after'], refused.headers['content-type']]).toEqual([
    429,
    '2',
    'application/problem+json',
  ])
  expect(refused.json['code']).toBe('rate_limit_exceeded')
  for (const caller of callers) await caller.readOn()
  await expect.poll(async () => (await http.call({ path: LARGE, headers: NO_KEY })).status).toBe(200)
})

test('over TLS the same is kept, and a connection that is ended for another one is reset', heavy(), async () => {
  const { cert, key } = authority.issue('IP:127.0.0.1')
  await using http = await startHttp({ strangers: FREE, stalledMs: 600_000, tls: { cert, key, demandsClient: false } })
  const ask = async (path: string): Promise<{ socket: Socket; status: number }> => {
    const socket = connectSecure({ port: http.port, host: '127.0.0.1', ca: authority.ca })
    socket.on('error', () => undefined)
    socket.write(requestBytes(http.port, { path, headers: NO_KEY }))
    const [bytes] = await once(socket, 'data')
    return { socket: socket.pause(), status: Number(String(bytes).split(' ')[1]) }
  }
  const callers: Awaited<ReturnType<typeof ask>>[] = []
  while (callers.at(-1)?.status !== 429) callers.push(await ask(LARGE))
  expect(callers.length).toBeGreaterThan(10)
  expect(callers.length).toBeLessThanOrEqual(LARGE_MOST)
  const [first] = callers
  const ended = first && once(first.socket, 'close')
  first?.socket.resume()
  while (first?.socket.closed === false) callers.push(await ask('/page/status.css'))
  await ended
  expect((await ask(LARGE)).status).toBe(200)
  for (const { socket } of callers) socket.destroy()
})

test('many small answers that no one reads end the connection that was silent longest', heavy(), async () => {
  await using http = await startHttp({ strangers: FREE })
  const first = new RawConnection(http.port)
  first.write(requestBytes(http.port, { path: '/healthz', headers: NO_KEY }))
  expect((await first.answer())?.status).toBe(200)
  const page = requestBytes(http.port, { path: '/page/status.css', headers: NO_KEY })
  const callers: UnreadAnswer[] = []
  while (!first.closed && callers.length < 8 * 1024) {
    const caller = new UnreadAnswer(http.port, [page], false)
    callers.push(caller)
    expect(await caller.status()).toBe(200)
  }
  expect(first.closed).toBe(true)
  expect((await http.call({ path: '/v1/operations' })).status).toBe(200)
  for (const { socket } of callers) socket.destroy()
})

test('a HEAD and a 304 of a large answer hold nothing of it, and the next one is answered', async () => {
  await using http = await startHttp()
  const etag = (await http.call({ path: LARGE, headers: NO_KEY })).headers['etag'] ?? ''
  const open: RawConnection[] = []
  for (let count = 0; count < 3 * LARGE_MOST; count++) {
    const connection = new RawConnection(http.port)
    open.push(connection)
    const isHead = count % 2 === 0
    const headers = isHead ? NO_KEY : { ...NO_KEY, 'If-None-Match': etag }
    connection.write(requestBytes(http.port, { path: LARGE, method: isHead ? 'HEAD' : 'GET', headers }))
    await once(connection.socket, 'data')
  }
  expect((await http.call({ path: LARGE, headers: NO_KEY })).status).toBe(200)
  for (const { socket } of open) socket.destroy()
})

test('connections of a till that stay idle after large answers take nothing from strangers', heavy(), async () => {
  await using http = await startHttp()
  const tills: RawConnection[] = []
  for (let count = 0; count < 2 * LARGE_MOST; count++) {
    const till = new RawConnection(http.port)
    tills.push(till)
    // Its connection asked without the key before: a page of the agent does.
    till.write(requestBytes(http.port, { path: '/page/status.js', headers: NO_KEY }))
    expect((await till.answer())?.status).toBe(200)
    for (const path of ['/v1/operations', LARGE]) {
      till.write(requestBytes(http.port, { path }))
      expect((await till.answer())?.status).toBe(200)
    }
  }
  expect((await http.call({ path: LARGE, headers: NO_KEY })).status).toBe(200)
  expect(tills.filter(({ closed }) => closed)).toEqual([])
  for (const { socket } of tills) socket.destroy()
})

test('the connection of a stranger ends after 256 KiB of answers; that of a till stays', heavy(), async () => {
  await using http = await startHttp({ strangers: FREE })
  const answersOf = async (headers: Record<string, string | undefined>): Promise<number> => {
    const connection = new RawConnection(http.port)
    let answers = 0
    for (; answers < 300; answers++) {
      connection.write(requestBytes(http.port, { path: '/healthz', headers }))
      const answer = await connection.answer()
      expect(answer?.status).toBe(200)
      if (answer?.headers['connection'] === 'close') break
    }
    if (answers < 300) await connection.close()
    connection.socket.destroy()
    return answers
  }
  expect(await answersOf(NO_KEY)).toBeLessThan(256)
  expect(await answersOf({ Authorization: `Bearer ${PLATFORM_KEY}` })).toBe(300)
})

test('a stranger that reads nothing of a large answer for a minute loses its connection', async () => {
  await using http = await startHttp({ stalledMs: 100 })
  const callers = Array.from(
    { length: LARGE_MOST },
    () => new UnreadAnswer(http.port, [largeRequest(http.port)], false),
  )
  for (const caller of callers) await caller.status()
  await expect.poll(async () => (await http.call({ path: LARGE, headers: NO_KEY })).status).toBe(200)
  for (const { socket } of callers) socket.destroy()
})
