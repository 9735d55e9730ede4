import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { heavy } from '../tags.ts'
import { once } from '../waits.ts'
import { deferred, requestBytes, startHttp } from './harness.ts'
import { goodSale } from './memory-application.ts'
import { RawConnection, rawExchange } from './raw-client.ts'

const PATH = '/v1/operations'

test('closing finishes the running request, refuses a new one with shutting_down and ends idle connections', async () => {
  const http = await startHttp()
  const accepted = deferred()
  const finished = deferred()
  http.application.onAccepted = accepted.resolve
  http.application.accepted = finished.promise
  const idle = new RawConnection(http.port)
  idle.write(requestBytes(http.port, { path: '/healthz' }))
  await idle.answer()
  const running = new RawConnection(http.port)
  running.write(requestBytes(http.port, { path: PATH, body: goodSale() }))
  await accepted.promise
  const late = new RawConnection(http.port)
  const lateRequest = requestBytes(http.port, { path: PATH, body: goodSale() })
  late.write(lateRequest.subarray(0, 20))
  const probe = requestBytes(http.port, { path: '/healthz' })
  // The half of the late request has arrived once a later connection was answered.
  await rawExchange(http.port, probe)
  const closed = http.server.close()
  await idle.close()
  late.write(lateRequest.subarray(20))
  const refused = await late.answer()
  expect([refused?.status, refused?.headers['connection']]).toEqual([503, 'close'])
  expect(JSON.parse(refused?.body ?? '')).toMatchObject({ code: 'shutting_down', retryable: true })
  expect(refused?.headers['retry-after']).toBe('1')
  expect(await rawExchange(http.port, probe)).toBeUndefined()
  finished.resolve()
  const answer = await running.answer()
  expect([answer?.status, answer?.headers['connection']]).toEqual([201, 'close'])
  await closed
  await http.server.close()
})

test('closing does not wait longer than it may', async () => {
  const http = await startHttp({ closeTimeoutMs: 100 })
  const accepted = deferred()
  http.application.onAccepted = accepted.resolve
  http.application.accepted = new Promise(() => undefined)
  const stuck = new RawConnection(http.port)
  stuck.write(requestBytes(http.port, { path: PATH, body: goodSale() }))
  await accepted.promise
  await http.server.close()
  expect(await stuck.answer()).toBeUndefined()
})

test('closing does not wait for a connection that never sent anything', async () => {
  const http = await startHttp({ closeTimeoutMs: 600_000 })
  const silent = new RawConnection(http.port)
  await once(silent.socket, 'connect')
  // The silent one was taken before the one that was answered.
  await rawExchange(http.port, requestBytes(http.port, { path: '/healthz' }))
  await http.server.close()
  await silent.close()
})

test.each([
  ['its headers', (bytes: Buffer) => bytes.subarray(0, 20)],
  ['its body', (bytes: Buffer) => bytes.subarray(0, -20)],
  ['the headers of the next', (bytes: Buffer) => Buffer.concat([bytes, bytes.subarray(0, 20)])],
])('closing waits a moment for a request that is half there in %s, and ends the connection', async (_name, part) => {
  const http = await startHttp({ closeTimeoutMs: 600_000, halfRequestMs: 50 })
  const gone = new RawConnection(http.port)
  gone.write(part(requestBytes(http.port, { path: PATH, body: goodSale() })))
  await rawExchange(http.port, requestBytes(http.port, { path: '/healthz' }))
  await http.server.close()
  await gone.close()
})

test('closing waits for an answer in progress, though half requests are ended', async () => {
  const http = await startHttp({ closeTimeoutMs: 600_000, halfRequestMs: 10 })
  const [accepted, finished] = [deferred(), deferred()]
  http.application.onAccepted = accepted.resolve
  http.application.accepted = finished.promise
  const [half, running] = [new RawConnection(http.port), new RawConnection(http.port)]
  const bytes = requestBytes(http.port, { path: PATH, body: goodSale() })
  half.write(bytes.subarray(0, 20))
  await once(half.socket, 'connect')
  running.write(bytes)
  await accepted.promise
  const closed = http.server.close()
  await half.close()
  finished.resolve()
  expect((await running.answer())?.status).toBe(201)
  await closed
})

test('an address that is taken is an error of listen', async () => {
  await using http = await startHttp()
  const second = await startHttp()
  await second.server.close()
  await expect(second.server.listen({ host: '127.0.0.1', port: http.port })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  })
})

test('closing lets a download finish and then ends the connection', heavy(), async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fiskal-http-'))
  const file = { path: join(folder, 'export'), fileName: 'export', mediaType: 'application/x-tar' }
  const bytes = 16 * 1024 * 1024
  await writeFile(file.path, Buffer.alloc(bytes, 0x61))
  const http = await startHttp({ closeTimeoutMs: 600_000 })
  http.application.file = file
  const connection = new RawConnection(http.port)
  connection.write(requestBytes(http.port, { path: '/v1/exports/exp_1/file?signature=good&expires=9' }))
  await new Promise((begun) => connection.socket.once('data', begun))
  connection.socket.pause()
  const closed = http.server.close()
  connection.socket.resume()
  expect((await connection.answer())?.body.length).toBe(bytes)
  await connection.close()
  await closed
  await rm(folder, { recursive: true })
})

test('a request that came in while the process was blocked is answered, though its connection was idle for too long', async () => {
  await using http = await startHttp({ idleTimeoutMs: 1 })
  const probe = requestBytes(http.port, { path: '/healthz' })
  const till = new RawConnection(http.port)
  till.write(probe)
  await till.answer()
  till.write(probe)
  // A disk that takes a second for a sync: the timer of the idle connection is due before its bytes are read.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_200)
  expect((await till.answer())?.status).toBe(200)
  // Then it is idle again, and ends.
  await till.close()
})

test.each([
  ['its headers', (_bytes: Buffer) => 20],
  ['its body', (bytes: Buffer) => bytes.length - 20],
])(
  'a request that was complete while the process was blocked within %s is answered, a half one is not',
  async (_name, cut) => {
    await using http = await startHttp({ headersTimeoutMs: 150, requestTimeoutMs: 300 })
    const bytes = requestBytes(http.port, { path: PATH, body: goodSale() })
    const [till, halting] = [new RawConnection(http.port), new RawConnection(http.port)]
    till.write(bytes.subarray(0, cut(bytes)))
    halting.write(bytes.subarray(0, cut(bytes) - 1))
    await rawExchange(http.port, requestBytes(http.port, { path: '/healthz' }))
    till.write(bytes.subarray(cut(bytes)))
    halting.write(bytes.subarray(cut(bytes) - 1, cut(bytes)))
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_200)
    expect((await till.answer())?.status).toBe(201)
    expect((await halting.answer())?.status).toBe(400)
  },
)
