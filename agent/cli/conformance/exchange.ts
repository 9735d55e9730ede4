import type { Json } from '../../../base/canonical.ts'
import { canonicalJson } from '../../../base/canonical.ts'
import { rfc3339 } from '../../../base/clock.ts'
import { sha256 } from '../../../base/sha256.ts'
import { KEY_PREFIX } from '../../contract/key-ids.ts'
import type { Received, Reply } from './losing-proxy.ts'

type Members = { readonly [member: string]: Json | undefined }

/** The purpose of a request. `operation`: as the path names it. */
export type Act =
  | { readonly kind: 'create'; readonly type: string }
  | { readonly kind: 'complete' | 'void' | 'amend'; readonly operation: string }
  | { readonly kind: 'read' | 'receipt'; readonly operation: string }
  | { readonly kind: 'list' | 'stream' | 'other' }

/** One request of the till, and its answer. */
export type Exchange = {
  /** Monotonic. */
  readonly atMs: number
  readonly at: string
  readonly method: string
  /** Without query and keys. */
  readonly path: string
  readonly act: Act
  readonly key: string | undefined
  /** The same for the same path and JSON. */
  readonly print: string
  readonly body: Members | undefined
  readonly ifMatch: number | undefined
  readonly userAgent: string | undefined
  readonly hasPlatformKey: boolean
  readonly hasKeyInTarget: boolean
  answer?: Answer
}

export type Answer = {
  readonly status: number
  readonly body: Members | undefined
  readonly requestId: string | undefined
  /** By the proxy: no rule about versions, keys or codes counts it. */
  readonly isMadeUp: boolean
}

const OPERATIONS = '/v1/operations'
const OPERATION = /^\/v1\/operations\/([^/]+)(?:\/([^/]+))?$/
/** All keys of the agent begin so. */
const SECRET = /ofk_/i

export function exchangeOf(received: Received, now: { atMs: number; wallMs: number }): Exchange {
  const { method, target, headers } = received
  const [path = '', query = ''] = target.split('?', 2)
  const body = membersOf(received.body)
  const isTrial = /dry-run/i.test(String(headers['prefer'] ?? ''))
  const key = headers['idempotency-key']
  const version = /^"(\d+)"$/.exec(headers['if-match']?.trim() ?? '')?.[1]
  return {
    atMs: now.atMs,
    at: rfc3339(now.wallMs),
    method,
    path: shownPath(path),
    act: isTrial ? { kind: 'other' } : actOf(method, path, body),
    key: typeof key === 'string' ? key : undefined,
    print: sha256(`${path} ${contentOf(received.body, body)}`).toString('hex'),
    body,
    ifMatch: version === undefined ? undefined : Number(version),
    userAgent: headers['user-agent'],
    hasPlatformKey: headers.authorization !== undefined,
    hasKeyInTarget: SECRET.test(path) || SECRET.test(query),
  }
}

export function answerOf({ status, headers, body }: Reply, isMadeUp = false): Answer {
  const requestId = headers['x-request-id']
  return {
    status,
    body: Buffer.isBuffer(body) ? membersOf(body) : undefined,
    requestId: typeof requestId === 'string' ? requestId : undefined,
    isMadeUp,
  }
}

export function isDone(answer: Answer | undefined): answer is Answer {
  return answer !== undefined && answer.status >= 200 && answer.status < 300
}

/** A change of the till that needs a key. */
export function isChange({ act }: Exchange): boolean {
  return act.kind === 'create' || act.kind === 'complete' || act.kind === 'void' || act.kind === 'amend'
}

export function isRepetitionOf(one: Exchange, other: Exchange): boolean {
  return one.key === other.key && one.print === other.print && one.method === other.method
}

export function membersOf(bytes: Buffer): Members | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString())
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : undefined
  } catch {
    return undefined
  }
}

/** The same for the same JSON; the hash of other bodies. */
function contentOf(bytes: Buffer, body: Members | undefined): string {
  try {
    return body === undefined ? sha256(bytes).toString('hex') : canonicalJson(body)
  } catch {
    return sha256(bytes).toString('hex')
  }
}

function actOf(method: string, path: string, body: Members | undefined): Act {
  if (path === '/v1/events') return { kind: 'stream' }
  if (path === OPERATIONS)
    return method === 'POST' ? { kind: 'create', type: String(body?.['type'] ?? '') } : { kind: 'list' }
  const [, operation, end = ''] = OPERATION.exec(path) ?? []
  return operation === undefined ? { kind: 'other' } : actOn(decoded(operation), method, end)
}

function actOn(operation: string, method: string, end: string): Act {
  if (method === 'GET') {
    if (end === '') return { kind: 'read', operation }
    return end.startsWith('receipt') ? { kind: 'receipt', operation } : { kind: 'other' }
  }
  if (end === 'complete' || end === 'void') return { kind: end, operation }
  return method === 'PATCH' && end === '' ? { kind: 'amend', operation } : { kind: 'other' }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function shownPath(path: string): string {
  return decoded(path)
    .split('/')
    .map((part) => (part.startsWith(KEY_PREFIX) ? `${KEY_PREFIX}…` : part.replace(/ofk_\w*/gi, 'ofk_…')))
    .join('/')
}
