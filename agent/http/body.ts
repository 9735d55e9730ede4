import type { Request, Response } from 'express'
import { FiskalError } from '../errors.ts'
import type { BodyBudget } from './body-budget.ts'
import { FIRST_BYTES } from './body-budget.ts'
import { CallerGone } from './send.ts'

const BODY_LIMIT = 1024 * 1024
/** A body up to this needs no budget: a usual sale has some twenty lines. */
const SMALL_BYTES = 8 * 1024

export type Body = {
  readonly bytes: Buffer
  /** Called after the answer: returns the bytes to the budget. */
  release(): void
}
const NONE: Body = { bytes: Buffer.alloc(0), release: () => undefined }

/**
 * The bytes of a JSON body, at most 1 MiB; empty if the request has no body, whatever its Content-Type says. Rejects
 * with `payload_too_large`, `unsupported_media_type`, `rate_limit_exceeded` (budget exhausted), or CallerGone. The
 * server's requestTimeout limits how long a body may take.
 */
export async function readBody(req: Request, res: Response, budget: BodyBudget, keyId: string): Promise<Body> {
  const length = Number(req.headers['content-length'] ?? 0)
  if (length > BODY_LIMIT) throw tooLarge()
  const isChunked = req.headers['transfer-encoding'] !== undefined
  if (length === 0 && !isChunked) return NONE
  const fault = typeFault(req.headers['content-type']) ?? codingFault(req.headers['content-encoding'])
  // A chunked body may turn out to be empty: clients of some languages send an empty form for a POST without a body.
  if (fault !== undefined && !isChunked) throw fault
  // Only now: a client that waits for 100 does not send a body that would be refused.
  if (req.headers.expect?.toLowerCase() === '100-continue') res.writeContinue()
  return collect(req, budget, keyId, fault)
}

function typeFault(header: string | undefined): FiskalError | undefined {
  if (header === 'application/json') return undefined
  if (header === undefined) return unread('Content-Type is missing; send application/json.')
  const [type = '', ...parameters] = header.split(';')
  if (type.trim().toLowerCase() !== 'application/json') return unread('Only application/json is read here.')
  for (const parameter of parameters) {
    // Trimmed first: in a run of blanks the pattern would try each one as the end.
    const charset = /^charset\s*=\s*"?([^"\s]*)"?$/i.exec(parameter.trim())?.[1]
    // Each text in US-ASCII is the same bytes in UTF-8.
    if (charset !== undefined && !/^(utf-?8|us-ascii)$/i.test(charset)) return unread('Only UTF-8 is read here.')
  }
  return undefined
}

function codingFault(header: string | undefined): FiskalError | undefined {
  if (header === undefined || header.trim().toLowerCase() === 'identity') return undefined
  return unread('Content codings are not read here; send the body as it is.')
}

function unread(message: string): FiskalError {
  return new FiskalError('unsupported_media_type', message)
}

/** `fault`: refuses the first byte. */
function collect(req: Request, budget: BodyBudget, keyId: string, fault: FiskalError | undefined): Promise<Body> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    let { release } = NONE
    /** Bytes that it may reach before it needs more of the budget. */
    let granted = SMALL_BYTES
    let entry: AbortController | undefined
    const settle = (): void => {
      req.off('data', take)
      req.off('end', whole)
      req.off('close', broken)
      req.off('error', broken)
    }
    const fail = (error: unknown): void => {
      settle()
      entry?.abort(error)
      release()
      // The rest is read and dropped: a connection that is not read does not report that its caller left.
      req.resume()
      reject(error)
    }
    const enter = async (size: number): Promise<void> => {
      granted = size
      entry = new AbortController()
      req.pause()
      release()
      release = await budget.take(size, keyId, entry.signal)
      if (entry.signal.aborted) release()
      else req.resume()
    }
    const take = (chunk: Buffer): void => {
      bytes += chunk.length
      chunks.push(chunk)
      if (fault !== undefined) fail(fault)
      else if (bytes > BODY_LIMIT) fail(tooLarge())
      else if (bytes > granted) {
        // A chunked body has no length: one of a usual size does not reserve the maximum.
        enter(Number(req.headers['content-length'] ?? (bytes > FIRST_BYTES ? BODY_LIMIT : FIRST_BYTES))).catch(fail)
      }
    }
    const whole = (): void => {
      settle()
      const [first = NONE.bytes] = chunks
      resolve({ bytes: chunks.length > 1 ? Buffer.concat(chunks, bytes) : first, release })
    }
    const broken = (): void => fail(new CallerGone('the connection ended within the body'))
    req.on('data', take)
    req.on('end', whole)
    req.on('close', broken)
    req.on('error', broken)
  })
}

function tooLarge(): FiskalError {
  return new FiskalError('payload_too_large', 'The body is larger than 1 MiB.', { limit_bytes: BODY_LIMIT })
}
