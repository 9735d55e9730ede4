import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { ManualClock } from '../manual-clock.ts'
import { heavy } from '../tags.ts'
import { deferred, requestBytes, startHttp } from './harness.ts'
import { goodSale, REGISTER_KEY } from './memory-application.ts'
import { rawExchange } from './raw-client.ts'

const PATH = '/v1/operations'
const LARGE_BYTES = 1_000_000
/** So many large ones have room at once. */
const ROOM = 8
const WAIT_MS = 5_000

/** Counts calls, and resolves at a given count. */
function counter() {
  let count = 0
  const waiting = new Set<() => void>()
  return {
    add: () => {
      count += 1
      for (const look of waiting) look()
    },
    reached: (wanted: number) =>
      new Promise<void>((resolve) => {
        const look = (): void => {
          if (count < wanted) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      }),
    count: () => count,
  }
}

/** The API, whose application keeps each sale in progress until `finish`. */
async function startBusy() {
  const waiting = counter()
  const clock = new ManualClock()
  const after = clock.after.bind(clock)
  clock.after = (ms, act) => {
    if (ms === WAIT_MS) waiting.add()
    return after(ms, act)
  }
  const http = await startHttp({ clock })
  const work = deferred()
  const accepted = counter()
  http.application.accepted = work.promise
  http.application.onAccepted = accepted.add
  return {
    http,
    clock,
    accepted,
    waiting,
    finish: work.resolve,
    [Symbol.asyncDispose]: () => http.server.close(),
  }
}

const body = Buffer.from(JSON.stringify(goodSale()).padEnd(LARGE_BYTES))

function largeSale(port: number, headers: Record<string, string | undefined> = {}): Buffer {
  return requestBytes(port, { path: PATH, headers, body })
}

const CHUNKED = { 'Content-Length': undefined, 'Transfer-Encoding': 'chunked' }

function inOneChunk(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n0\r\n\r\n')])
}

function chunkedSale(port: number): Buffer {
  return requestBytes(port, { path: PATH, headers: CHUNKED, body: inOneChunk(body) })
}

test(
  'large requests wait for each other by their size, a usual one passes them, and all are served',
  heavy(),
  async () => {
    await using busy = await startBusy()
    const { port } = busy.http
    const large = Array.from({ length: ROOM + 4 }, (_, index) =>
      rawExchange(port, index % 2 === 0 ? largeSale(port) : chunkedSale(port)),
    )
    await Promise.all([busy.accepted.reached(ROOM), busy.waiting.reached(4)])
    expect(busy.accepted.count()).toBe(ROOM)
    const usual = busy.http.call({ path: PATH, body: goodSale() })
    await busy.accepted.reached(ROOM + 1)
    busy.finish()
    expect((await usual).status).toBe(201)
    expect((await Promise.all(large)).map((answer) => answer?.status)).toEqual(large.map(() => 201))
  },
)

test('many requests of sixty kilobytes are as much as a few large ones', heavy(), async () => {
  await using busy = await startBusy()
  const { port } = busy.http
  const sale = Buffer.from(JSON.stringify(goodSale()).padEnd(60_000))
  const atOnce = Math.floor((8 * 1024 * 1024) / sale.length)
  const all = Array.from({ length: atOnce + 5 }, () =>
    rawExchange(port, requestBytes(port, { path: PATH, body: sale })),
  )
  await Promise.all([busy.accepted.reached(atOnce), busy.waiting.reached(5)])
  expect(busy.accepted.count()).toBe(atOnce)
  busy.finish()
  expect((await Promise.all(all)).map((answer) => answer?.status)).toEqual(all.map(() => 201))
})

test('a large request that finds no room in five seconds is refused, and the same one is taken later', async () => {
  await using busy = await startBusy()
  const { port } = busy.http
  const atWork = Array.from({ length: ROOM }, () => rawExchange(port, largeSale(port)))
  await busy.accepted.reached(ROOM)
  const headers = { 'Idempotency-Key': 'large-one' }
  const late = rawExchange(port, largeSale(port, headers))
  await busy.waiting.reached(1)
  await busy.clock.advance(WAIT_MS)
  const refused = await late
  expect([refused?.status, refused?.headers['retry-after']]).toEqual([429, '5'])
  expect(JSON.parse(refused?.body ?? '{}')).toMatchObject({ code: 'rate_limit_exceeded' })
  busy.finish()
  expect((await Promise.all(atWork)).map((answer) => answer?.status)).toEqual(atWork.map(() => 201))
  expect((await rawExchange(port, largeSale(port, headers)))?.status).toBe(201)
})

test('a client that disconnects while it waits for budget keeps none', heavy(), async () => {
  await using busy = await startBusy()
  const { port } = busy.http
  const atWork = Array.from({ length: ROOM }, () => rawExchange(port, largeSale(port)))
  await busy.accepted.reached(ROOM)
  const leaving = Array.from({ length: ROOM }, () => connect(port, '127.0.0.1'))
  for (const socket of leaving) socket.write(largeSale(port).subarray(0, LARGE_BYTES / 2))
  await busy.waiting.reached(ROOM)
  for (const socket of leaving) socket.resetAndDestroy()
  busy.finish()
  await Promise.all(atWork)
  const next = Array.from({ length: ROOM }, () => rawExchange(port, largeSale(port)))
  expect((await Promise.all(next)).map((answer) => answer?.status)).toEqual(next.map(() => 201))
  expect(busy.accepted.count()).toBe(2 * ROOM)
})

test.each([
  ['', {}, (sale: Buffer) => sale],
  [' and tells its length by its end', CHUNKED, inOneChunk],
])(
  'a till whose sale is larger than usual%s waits for none that floods, and the next has its turn',
  async (_what, framing, framed) => {
    await using busy = await startBusy()
    const { port } = busy.http
    const flood = Array.from({ length: ROOM + 2 }, () => connect(port, '127.0.0.1'))
    for (const socket of flood)
      socket.write(requestBytes(port, { path: PATH, body: '{'.padEnd(1 << 20) }).subarray(0, 20_000))
    await busy.waiting.reached(2)
    const headers = { Authorization: undefined, 'X-Register-Api-Key': REGISTER_KEY, ...framing }
    const sale = framed(Buffer.from(JSON.stringify(goodSale()).padEnd(20_000)))
    const first = rawExchange(port, requestBytes(port, { path: PATH, headers, body: sale }))
    await busy.accepted.reached(1)
    const second = rawExchange(port, requestBytes(port, { path: PATH, headers, body: sale }))
    await busy.waiting.reached(3)
    expect(busy.accepted.count()).toBe(1)
    for (const socket of flood) socket.resetAndDestroy()
    await busy.accepted.reached(2)
    busy.finish()
    expect((await Promise.all([first, second])).map((answer) => answer?.status)).toEqual([201, 201])
  },
)
