import { hash as digest, randomBytes } from 'node:crypto'
import type { Identity, Store } from './store.ts'

const MARK = 'frt_'

/** 256 random bits: a plain hash of them is enough for storage. */
export function tokenHash(token: string): Buffer {
  return digest('sha256', token, 'buffer')
}

/** Issues a token that is valid at once, in addition to the present ones; it is shown only here. */
export async function issueToken(store: Store, identity: Identity): Promise<{ id: string; token: string }> {
  const id = `tok_${randomBytes(8).toString('hex')}`
  const token = `${MARK}${randomBytes(32).toString('base64url')}`
  await store.addToken(id, tokenHash(token), identity)
  return { id, token }
}
