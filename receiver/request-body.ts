import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { Request } from 'express'
import { contentDigest } from '../sync/protocol/content-digest.ts'
import { WIRE_LIMITS } from '../sync/protocol/envelope.ts'
import type { Members } from '../sync/protocol/json.ts'
import { parseObject } from '../sync/protocol/json.ts'
import { Problem } from './problem.ts'

const decompress = promisify(gunzip)
const EXPANSION = 100
/** Limit below which compressed text may expand without limit. */
const SMALL_BYTES = 64 << 10

/** The body as sent, at most `maxBytes`. Throws Problem `length_required`, `too_large`, `truncated`, `digest_mismatch`, `malformed`. */
export async function readBody(request: Request, maxBytes: number, digestRequired: boolean): Promise<Buffer> {
  const length = Number(request.headers['content-length'] ?? Number.NaN)
  if (!Number.isSafeInteger(length)) throw new Problem('length_required', 'Send the body with a Content-Length.')
  if (length > maxBytes) throw new Problem('too_large', `The body may have ${maxBytes} bytes.`)
  const body = await received(request)
  const claimed = request.get('Content-Digest')
  if (claimed === undefined && digestRequired) throw new Problem('malformed', 'Content-Digest is required.')
  if (claimed !== undefined && !claimed.includes(contentDigest(body))) {
    throw new Problem('digest_mismatch', 'The content was damaged on its way.')
  }
  return body
}

/** Connections break every day: that is not a server error. Throws Problem `truncated`. */
async function received(request: Request): Promise<Buffer> {
  const pieces: Buffer[] = []
  try {
    for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece)
  } catch {
    throw new Problem('truncated', 'The connection ended within the body.')
  }
  return Buffer.concat(pieces)
}

/** Decodes the text of a batch: digest first, then decompression within limits. Throws Problem. */
export async function readBatchText(request: Request): Promise<{ text: Buffer; sent: Buffer }> {
  if (!/^application\/x-ndjson\b/i.test(request.get('Content-Type') ?? '')) {
    throw new Problem('unsupported_media_type', 'Send application/x-ndjson.')
  }
  // x-gzip is an alias of gzip (RFC 9110 §8.4.1.3).
  const encoding = (request.get('Content-Encoding') ?? 'identity').toLowerCase().replace(/^x-gzip$/, 'gzip')
  if (encoding !== 'gzip' && encoding !== 'identity')
    throw new Problem('unsupported_encoding', 'Send gzip or identity.')
  const sent = await readBody(request, WIRE_LIMITS.maxEncodedBytes, true)
  return { text: encoding === 'gzip' ? await inflate(sent) : sent, sent }
}

/** Throws Problem as `readBody` does, and `malformed` if the body is not a JSON object. */
export async function readObject(request: Request, maxBytes: number): Promise<Members> {
  if (!/^application\/(x-nd)?json\b/i.test(request.get('Content-Type') ?? '')) {
    throw new Problem('unsupported_media_type', 'Send application/json.')
  }
  const object = parseObject((await readBody(request, maxBytes, false)).toString('utf8'))
  if (object === undefined) throw new Problem('malformed', 'The body is not a JSON object.')
  return object
}

async function inflate(sent: Buffer): Promise<Buffer> {
  const maxOutputLength = Math.min(WIRE_LIMITS.maxDecodedBytes, Math.max(SMALL_BYTES, sent.length * EXPANSION))
  return decompress(sent, { maxOutputLength }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ERR_BUFFER_TOO_LARGE') throw new Problem('too_large', 'Decompressed, the body is too large.')
    throw new Problem('malformed', 'The body is not gzip.')
  })
}
