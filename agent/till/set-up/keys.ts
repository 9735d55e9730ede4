import { timingSafeEqual } from 'node:crypto'
import { sha256 } from '../../../base/sha256.ts'
import type { KeyKind, NewEvent } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import type { Caller } from '../requests.ts'

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const PREFIX = { platform: 'ofk_platform_', register: 'ofk_reg_', reader: 'ofk_read_' } as const satisfies Record<
  KeyKind,
  string
>
const ID_LENGTH = 16
const SECRET_LENGTH = 43
const CHECK_LENGTH = 6
const NO_HASH = Buffer.alloc(32)

/**
 * A new key: prefix, 16 characters of id, 32 random bytes (base64url), 6 of checksum that distinguish a typing error
 * from a revoked key ({@link isWholeKey}). The event stores only its SHA-256; the key has 256 random bits, so no slow
 * hash is needed. `ownerId`: the register of a till's key, the merchant of a reader's.
 */
export function issueKey(
  kind: KeyKind,
  ownerId: string | undefined,
  random: (length: number) => Uint8Array,
  certificate?: string,
): { id: string; token: string; event: NewEvent } {
  const id = [...random(ID_LENGTH)].map((byte) => CROCKFORD.charAt(byte % 32)).join('')
  const body = PREFIX[kind] + id + Buffer.from(random(32)).toString('base64url')
  const token = body + checksum(body)
  const key = {
    id,
    kind,
    hash: sha256(token).toString('base64url'),
    ...(ownerId !== undefined && { register: ownerId }),
    ...(certificate !== undefined && { certificate }),
  }
  return { id, token, event: { kind: 'key.created', op: '', body: { key } } }
}

/**
 * The caller of a key, or undefined. `place`: a reader's key is where a platform key is. An unknown id takes the same path
 * as a known one with a wrong secret.
 */
export function authenticate(view: View, place: 'platform' | 'register', token: string): Caller | undefined {
  const kind = place === 'platform' && token.startsWith(PREFIX.reader) ? 'reader' : place
  const prefix = PREFIX[kind]
  const id = hasForm(token, prefix) ? token.slice(prefix.length, prefix.length + ID_LENGTH) : ''
  const row = view.key(id)
  const right = timingSafeEqual(sha256(token), row?.hash ?? NO_HASH)
  if (!right || row === undefined || row.kind !== kind || row.revoked_at !== null) return undefined
  const opened = { keyId: id, ...(row.certificate !== null && { certificate: row.certificate }) }
  if (kind === 'platform') return { kind: 'platform', ...opened }
  if (row.register === null) return undefined
  if (kind === 'reader') return { kind: 'platform', reads: row.register, ...opened }
  return { kind: 'register', registerId: row.register, ...opened }
}

/** False for a text that was never a key. */
export function isWholeKey(token: string): boolean {
  return (
    Object.values(PREFIX).some((prefix) => hasForm(token, prefix)) &&
    token.endsWith(checksum(token.slice(0, -CHECK_LENGTH)))
  )
}

function hasForm(token: string, prefix: string): boolean {
  return token.startsWith(prefix) && token.length === prefix.length + ID_LENGTH + SECRET_LENGTH + CHECK_LENGTH
}

function checksum(body: string): string {
  return sha256(body).toString('hex').slice(0, CHECK_LENGTH)
}
