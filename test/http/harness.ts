import { randomUUID } from 'node:crypto'
import type { HttpOptions } from '../../agent/http/options.ts'
import { createHttpServer } from '../../agent/http/server.ts'
import { ReceiptRenderer } from '../../agent/receipts/renderer.ts'
import type { Clock } from '../../base/clock.ts'
import { systemClock } from '../../base/clock.ts'
import { CONTRACT, DESCRIBED } from '../contract.ts'
import { MemoryApplication, PLATFORM_KEY } from './memory-application.ts'
import type { RawAnswer } from './raw-client.ts'
import { rawExchange } from './raw-client.ts'

const renderer = new ReceiptRenderer()

type Line = { level: string; message: string } & Record<string, unknown>

type Call = {
  method?: string
  path: string
  /** Replaces the usual ones; undefined removes a header. */
  headers?: Record<string, string | undefined>
  body?: unknown
  version?: string
}

/** Which turn of the event loop this is. */
export function loopTurn(): number {
  return performance.nodeTiming.uvMetricsInfo.loopCount
}

/** The sale API on a free port over an application in memory. */
export async function startHttp(
  options: Partial<HttpOptions> = {},
  application = new MemoryApplication(),
  host = '127.0.0.1',
) {
  const lines: Line[] = []
  const log = (level: string) => (fields: object, message: string) => {
    lines.push({ level, message, ...fields })
  }
  const server = createHttpServer(application, {
    contract: CONTRACT,
    described: DESCRIBED,
    draw: (model, form, query) => renderer.render(model, form, query),
    allowedHosts: [],
    allowedOrigins: [],
    clock: systemClock,
    fault: () => undefined,
    log: { info: log('info'), warn: log('warn'), error: log('error') },
    ...options,
  })
  const { port } = await server.listen({ host, port: 0 })
  const call = async (request: Call): Promise<RawAnswer> => {
    const answer = await rawExchange(port, requestBytes(port, request))
    if (answer === undefined) throw new Error('closed without an answer')
    return answer
  }
  return {
    application,
    server,
    port,
    lines,
    call,
    json: async (request: Call) => {
      const answer = await call(request)
      return {
        ...answer,
        json: JSON.parse(answer.body) as Record<string, unknown> & { details: Record<string, unknown> },
      }
    },
    [Symbol.asyncDispose]: () => server.close(),
  }
}

/** A request in bytes: with a platform key, a change with a new idempotency key, and JSON if there is a body. A string or Buffer body is sent unchanged. */
export function requestBytes(port: number, { method, path, headers, body, version }: Call): Buffer {
  const payload =
    body === undefined
      ? undefined
      : Buffer.isBuffer(body) || typeof body === 'string'
        ? Buffer.from(body)
        : Buffer.from(JSON.stringify(body))
  const verb = method ?? (payload === undefined ? 'GET' : 'POST')
  const all: Record<string, string | undefined> = {
    Host: `127.0.0.1:${port}`,
    Authorization: `Bearer ${PLATFORM_KEY}`,
    ...(payload === undefined ? {} : { 'Content-Type': 'application/json', 'Content-Length': String(payload.length) }),
    ...((verb === 'POST' || verb === 'PATCH') && { 'Idempotency-Key': randomUUID() }),
    ...headers,
  }
  const lines = [`${verb} ${path} HTTP/${version ?? '1.1'}`]
  for (const [name, value] of Object.entries(all)) {
    if (value !== undefined) lines.push(`${name}: ${value}`)
  }
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), payload ?? Buffer.alloc(0)])
}

/** Time that only advances when the test sets it; timers are real. */
export class StandingClock implements Clock {
  ms = 1_000_000
  now(): number {
    return this.ms
  }
  mono(): bigint {
    return BigInt(this.ms) * 1_000_000n
  }
  after(delayMs: number, act: () => void): () => void {
    return systemClock.after(delayMs, act)
  }
}

/** A promise that the test settles. */
export function deferred() {
  let resolve: () => void = () => undefined
  const promise = new Promise<void>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
