import type { Request, Response } from 'express'
import { FiskalError } from '../errors.ts'
import { CallerGone } from './send.ts'

const BODY_LIMIT = 1024 * 1024
const NONE = Buffer.alloc(0)

/**
 * The bytes of a JSON body, at most 1 MiB; empty where there is none. Rejects with `payload_too_large`,
 * `unsupported_media_type`, or CallerGone. How long a body may take is the server's requestTimeout.
 */
export async function readBody(req: Request, res: Response): Promise<Buffer> {
  const length = Number(req.headers['content-length'] ?? 0)
  if (length > BODY_LIMIT) throw tooLarge()
  const hasBody = length > 0 || req.headers['transfer-encoding'] !== undefined
  checkMediaType(req.headers['content-type'], hasBody)
  checkCoding(req.headers['content-encoding'])
  if (!hasBody) return NONE
  // Only now: a client that asked first is spared sending what would be refused.
  if (req.headers.expect?.toLowerCase() === '100-continue') res.writeContinue()
  return collect(req)
}

function checkMediaType(header: string | undefined, hasBody: boolean): void {
  if (header === 'application/json') return
  if (header === undefined) {
    if (!hasBody) return
    throw new FiskalError('unsupported_media_type', 'Content-Type is missing; send application/json.')
  }
  const [type = '', ...parameters] = header.split(';')
  if (type.trim().toLowerCase() !== 'application/json') {
    throw new FiskalError('unsupported_media_type', 'Only application/json is read here.')
  }
  for (const parameter of parameters) {
    const charset = /^\s*charset\s*=\s*"?([^"\s]*)"?\s*$/i.exec(parameter)?.[1]
    if (charset !== undefined && !/^utf-?8$/i.test(charset)) {
      throw new FiskalError('unsupported_media_type', 'Only UTF-8 is read here.')
    }
  }
}

function checkCoding(header: string | undefined): void {
  if (header === undefined || header.trim().toLowerCase() === 'identity') return
  throw new FiskalError('unsupported_media_type', 'Content codings are not read here; send the body as it is.')
}

function collect(req: Request): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    const settle = (): void => {
      req.off('data', take)
      req.off('end', whole)
      req.off('close', broken)
      req.off('error', broken)
    }
    const take = (chunk: Buffer): void => {
      bytes += chunk.length
      chunks.push(chunk)
      if (bytes <= BODY_LIMIT) return
      settle()
      reject(tooLarge())
    }
    const whole = (): void => {
      settle()
      const [first = NONE] = chunks
      resolve(chunks.length > 1 ? Buffer.concat(chunks, bytes) : first)
    }
    const broken = (): void => {
      settle()
      reject(new CallerGone('the connection ended within the body'))
    }
    req.on('data', take)
    req.on('end', whole)
    req.on('close', broken)
    req.on('error', broken)
  })
}

function tooLarge(): FiskalError {
  return new FiskalError('payload_too_large', 'The body is larger than 1 MiB.', { limit_bytes: BODY_LIMIT })
}
