import { gunzipSync } from 'node:zlib'
import type { SignedHead } from '../protocol/chain-hash.ts'
import { HASH_BYTES, isUuid, ZERO_HASH } from '../protocol/chain-hash.ts'
import { contentDigest } from '../protocol/content-digest.ts'
import { parseHttpDate } from '../protocol/instants.ts'
import type { Members } from '../protocol/json.ts'
import { bytesOf, members, parseObject, textOf, wholeNumber } from '../protocol/json.ts'
import type { KnownChain } from '../protocol/shown-head.ts'
import { seqOf, shownEpoch, shownHead } from '../protocol/shown-head.ts'
import type { Answer, Credit } from '../target.ts'
import type { HttpAnswer } from './http-exchange.ts'

const MESSAGE_LIMIT = 300
/** Limit of a decompressed answer, as of one sent uncompressed. */
const DECODED_BYTES = 64 << 10
/** Without a problem document the token was not examined. */
const OF_PROXIES: ReadonlySet<number> = new Set([401, 403, 407])

/** The receiver's answer. A captive portal, a proxy and a broken receiver are `unknown`. */
export function answerOf(http: HttpAnswer): Answer {
  const serverMs = parseHttpDate(http.headers.date ?? '')
  const answer = said(http)
  return serverMs === undefined ? answer : { ...answer, serverMs }
}

/** The newest signed head, as it was posted; undefined for all other answers. */
export function signedHeadOf({ status, body }: HttpAnswer): SignedHead | undefined {
  const answer = status === 200 ? parseObject(body.toString('utf8')) : undefined
  return answer && shownHead(answer['seq'], answer['head'], answer['cp'])
}

/** The chains of an agent that a receiver lists; none for all other answers. */
export function chainsOf({ status, body }: HttpAnswer): KnownChain[] {
  const listed = status === 200 ? parseObject(body.toString('utf8'))?.['chains'] : undefined
  return (Array.isArray(listed) ? listed : []).flatMap((entry: unknown) => {
    const { chain_id, epoch } = members(entry) ?? {}
    const [id, number] = [textOf(chain_id), wholeNumber(epoch, 1)]
    return id !== undefined && isUuid(id) && number !== undefined ? [{ chainId: id, epoch: number }] : []
  })
}

function said(http: HttpAnswer): Answer {
  const { method, status, headers, body } = http
  const type = headers['content-type'] ?? ''
  // Many servers send to HEAD the digest of the content of a GET.
  const claimed = method === 'HEAD' ? undefined : textOf(headers['content-digest'])
  if (claimed?.includes('sha-256=') === true && !claimed.includes(contentDigest(body))) {
    return unknown('digest_mismatch', 'The answer was damaged on its way.')
  }
  const json = /^application\/([\w.-]+\+)?json\b/i.test(type)
  const text = json ? decoded(body, headers['content-encoding']) : undefined
  const parsed = text && parseObject(text.toString('utf8'))
  if (status >= 200 && status < 300) {
    return parsed === undefined ? unknown('no_json', `The target answers ${status} without JSON.`) : success(parsed)
  }
  // A HEAD has no body; its type shows who answers.
  const isProblem = json && (method === 'HEAD' || codeOf(parsed, status) !== codeOf(undefined, status))
  if (OF_PROXIES.has(status) && !isProblem)
    return unknown('proxy_refused', `A proxy or firewall answers ${status}, not the receiver.`)
  return refusal(status, parsed, retryAfterMs(headers))
}

/** A proxy may compress an answer unasked. Undefined if it cannot be read, or is too large. */
export function decoded(body: Buffer, encoding = 'identity'): Buffer | undefined {
  if (encoding === 'identity') return body
  if (!/^(x-)?gzip$/i.test(encoding)) return undefined
  try {
    return gunzipSync(body, { maxOutputLength: DECODED_BYTES })
  } catch {
    return undefined
  }
}

function success(answer: Members): Answer {
  const ackedSeq = seqOf(answer['acked_seq'])
  const headSeq = seqOf(answer['head_seq'])
  const head = headOf(answer, ackedSeq ?? headSeq)
  if (ackedSeq !== undefined && head !== undefined) {
    const credit = creditOf(answer['credit'])
    return { kind: 'acked', ackedSeq, head, ...(credit && { credit }) }
  }
  if (headSeq !== undefined && head !== undefined) {
    const { state } = answer
    return { kind: 'position', headSeq, head, forked: state === 'forked', ...(state === 'fenced' && { fenced: true }) }
  }
  return unknown('no_head', 'The target answers without saying what it has.')
}

/** Before the first event there is no hash: some receivers omit it, others send 32 zero bytes. */
function headOf({ head }: Members, seq: number | undefined): Uint8Array | undefined {
  if (seq === 0 && (head === undefined || head === null || head === '')) return ZERO_HASH
  return bytesOf(head, HASH_BYTES)
}

/** A limit that is missing does not apply. */
function creditOf(value: unknown): Credit | undefined {
  const credit = members(value)
  return (
    credit && {
      maxEvents: wholeNumber(credit['max_events'], 1) ?? Number.POSITIVE_INFINITY,
      maxBytes: wholeNumber(credit['max_bytes'], 1) ?? Number.POSITIVE_INFINITY,
      minIntervalMs: wholeNumber(credit['min_interval_ms']) ?? 0,
    }
  )
}

function refusal(status: number, problem: Members | undefined, retryAfter: number | undefined): Answer {
  const code = codeOf(problem, status)
  const message = (textOf(problem?.['detail']) ?? textOf(problem?.['title']) ?? `HTTP ${status}`).slice(
    0,
    MESSAGE_LIMIT,
  )
  switch (status) {
    case 400:
    case 422:
      return problem === undefined ? unknown(code, message) : { kind: 'refused', code, message }
    case 401:
    case 403:
      return { kind: 'denied', code, message }
    case 404:
      // A router's 404 is not an answer about a journal.
      return problem === undefined ? unknown(code, message) : { kind: 'unknown_chain' }
    case 409:
      return conflict(code, message, problem ?? {})
    case 413:
      return { kind: 'too_large', code, message }
    case 429:
    case 503:
      return { kind: 'busy', retryAfterMs: retryAfter }
    default:
      return unknown(code, message)
  }
}

function conflict(code: string, message: string, problem: Members): Answer {
  const expectedSeq = seqOf(problem['expected_seq'], 1)
  const head = headOf(problem, expectedSeq === undefined ? undefined : expectedSeq - 1)
  if (code === 'gap' && expectedSeq !== undefined && head !== undefined) return { kind: 'gap', expectedSeq, head }
  if (code === 'stale_epoch')
    return { kind: 'stale_epoch', message, current: shownEpoch(problem['current_checkpoint']) }
  if (code !== 'fork') return unknown(code, message)
  const { seq, stored_hash, stored_checkpoint, received_hash } = problem
  return { kind: 'fork', evidence: { seq, stored_hash, stored_checkpoint, received_hash } }
}

function codeOf(problem: Members | undefined, status: number): string {
  const type = textOf(problem?.['type'])?.split(/[/:#]/).at(-1)
  const code = textOf(problem?.['code']) ?? type ?? ''
  return /^[\w-]{1,60}$/.test(code) ? code : `http_${status}`
}

/** Seconds, or a date, which is read on the server's own clock (RFC 9110 §10.2.3): ours decides nothing. */
function retryAfterMs(headers: HttpAnswer['headers']): number | undefined {
  const value = headers['retry-after'] ?? ''
  if (/^\d+$/.test(value)) return Number(value) * 1000
  const [untilMs, nowMs] = [parseHttpDate(value), parseHttpDate(headers.date ?? '')]
  return untilMs === undefined || nowMs === undefined ? undefined : Math.max(0, untilMs - nowMs)
}

function unknown(code: string, message: string): Answer {
  return { kind: 'unknown', code, message }
}
