import type { BlobAnswer, BlobChannel } from '../blob-channel.ts'
import { isSha256 } from '../protocol/blob-manifest.ts'
import { members, parseObject } from '../protocol/json.ts'
import type { Answer } from '../target.ts'
import { answerOf } from './http-answer.ts'
import type { HttpAnswer, HttpRequest } from './http-exchange.ts'

type Ask = (
  method: HttpRequest['method'],
  path: string,
  body: Uint8Array | undefined,
  headers: HttpRequest['headers'],
  signal: AbortSignal,
) => Promise<HttpAnswer | Answer>

const LISTED = 100
const PAGE: BlobAnswer = { kind: 'trouble', code: 'no_json', message: 'The target answers with a page.' }
const OTHER: BlobAnswer = {
  kind: 'trouble',
  code: 'wrong_blob',
  message: 'The target has other bytes under that name.',
}
const NO_ROUTE = new Set([404, 405, 501])

/** Blobs over HTTP. The missing ones are read from any list in the receiver's answer. */
export function httpsBlobs(ask: Ask): BlobChannel {
  const path = (sha256: string): string => `v1/blobs/sha256/${sha256}`
  return {
    missing: async (chainId, signal) => {
      const http = await ask('GET', `v1/chains/${chainId}/missing-blobs?limit=${LISTED}`, undefined, {}, signal)
      if ('kind' in http) return troubleOf(http)
      const sha256s = http.status === 200 ? hashesOf(http.body) : undefined
      if (sha256s !== undefined) return { kind: 'missing', sha256s }
      return NO_ROUTE.has(http.status) ? { kind: 'unsupported' } : troubleOf(answerOf(http))
    },
    has: async (sha256, signal) => {
      const http = await ask('HEAD', path(sha256), undefined, {}, signal)
      if ('kind' in http) return troubleOf(http)
      if (isPage(http)) return PAGE
      if (http.status === 200 || http.status === 204) return { kind: 'there' }
      // A server without this route gets the blob.
      return NO_ROUTE.has(http.status) ? { kind: 'absent' } : troubleOf(answerOf(http))
    },
    put: async (sha256, bytes, signal) => {
      const headers = { 'content-type': 'application/octet-stream', 'if-none-match': '*' }
      const http = await ask('PUT', path(sha256), bytes, headers, signal)
      if ('kind' in http) return troubleOf(http)
      if (isPage(http)) return PAGE
      // 412: it exists, and the content under this name is this one, unless the server names another digest.
      const isThere = (http.status >= 200 && http.status < 300) || http.status === 412
      if (isThere) return namesOther(http, sha256) ? OTHER : { kind: 'there' }
      return NO_ROUTE.has(http.status) ? { kind: 'unsupported' } : troubleOf(answerOf(http))
    },
  }
}

/** A captive portal answers every request with success. */
function isPage({ status, headers }: HttpAnswer): boolean {
  return (status < 300 || status === 412) && /html/i.test(headers['content-type'] ?? '')
}

function namesOther({ body }: HttpAnswer, sha256: string): boolean {
  const named = parseObject(body.toString('utf8'))?.['sha256']
  return isSha256(named) && named !== sha256
}

function troubleOf(answer: Answer): BlobAnswer {
  if (answer.kind === 'busy') {
    const { retryAfterMs } = answer
    const wait = retryAfterMs === undefined ? {} : { retryAfterMs }
    return { kind: 'trouble', code: 'busy', message: 'The target asks to wait.', ...wait }
  }
  if ('code' in answer) return { kind: 'trouble', code: answer.code, message: answer.message }
  return { kind: 'trouble', code: 'unexpected_answer', message: `The target answers with ${answer.kind}.` }
}

/** The hashes of a list, or of the first list in an object; each a text or an object with `sha256`. */
function hashesOf(body: Buffer): readonly string[] | undefined {
  try {
    const answer: unknown = JSON.parse(body.toString('utf8'))
    const list: unknown = Array.isArray(answer) ? answer : Object.values(members(answer) ?? {}).find(Array.isArray)
    if (!Array.isArray(list)) return undefined
    return list.map((entry: unknown) => members(entry)?.['sha256'] ?? entry).filter(isSha256)
  } catch {
    return undefined
  }
}
