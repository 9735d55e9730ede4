import { addressSpaceOf } from './address-space.ts'
import type { Clock } from './clock.ts'
import type { Reply } from './meaning.ts'

export type Request = {
  readonly method: 'GET' | 'POST' | 'PATCH'
  readonly path: string
  readonly key?: string
  readonly body?: object
  readonly ifMatch?: number
  /** Answered in that media type, as bytes. */
  readonly mediaType?: string
}

export type Line = {
  readonly url: string
  readonly key: () => Promise<string>
  readonly fetch: typeof fetch
  readonly clock: Clock
  readonly answerWithinMs: number
  readonly userAgent: string | undefined
}

const JSON_TYPE = 'application/json'

/** One attempt. Undefined without a whole answer in time. `fetch` throws TypeError if the network fails: not ours. */
export async function exchange(line: Line, request: Request, key: string): Promise<Reply | undefined> {
  const controller = new AbortController()
  let cancel = (): void => undefined
  const late = new Promise<undefined>((resolve) => {
    cancel = line.clock.after(line.answerWithinMs, () => {
      resolve(undefined)
      controller.abort()
    })
  })
  try {
    return await Promise.race([answered(line, request, key, controller.signal), late])
  } catch {
    return undefined
  } finally {
    cancel()
  }
}

async function answered(line: Line, request: Request, key: string, signal: AbortSignal): Promise<Reply> {
  const { method, path, body, mediaType } = request
  const targetAddressSpace = addressSpaceOf(line.url)
  const init = {
    method,
    headers: headersOf(line, request, key),
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(targetAddressSpace !== undefined && { targetAddressSpace }),
    // `fetch` hands the key to the other host.
    redirect: 'error' as const,
    cache: 'no-store' as const,
    credentials: 'omit' as const,
    signal,
  }
  const response = await line.fetch(`${line.url}${path}`, init)
  const { status, headers } = response
  const type = headers.get('content-type')?.split(';', 1)[0]?.trim()
  const isBytes = response.ok && mediaType !== undefined
  const bytes = await response.arrayBuffer()
  const isExpected = type === (isBytes ? mediaType : JSON_TYPE)
  return {
    status,
    body: isExpected ? (isBytes ? new Uint8Array(bytes) : objectIn(bytes)) : undefined,
    isReplayed: headers.get('idempotent-replayed') === 'true',
    retryAfterMs: Number(headers.get('retry-after') ?? 0) * 1000 || 0,
  }
}

function headersOf({ userAgent }: Line, request: Request, key: string): Record<string, string> {
  return {
    'X-Register-Api-Key': key,
    Accept: request.mediaType ?? JSON_TYPE,
    ...(request.body !== undefined && { 'Content-Type': JSON_TYPE }),
    ...(request.key !== undefined && { 'Idempotency-Key': request.key }),
    ...(request.ifMatch !== undefined && { 'If-Match': `"${request.ifMatch}"` }),
    // A page may not set it: the browser would ask the agent first whether it may.
    ...(userAgent !== undefined && !('document' in globalThis) && { 'User-Agent': userAgent }),
  }
}

/** Undefined for a body that was cut, or that is not an object. */
function objectIn(bytes: ArrayBuffer): object | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
