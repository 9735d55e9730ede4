import type { Request } from 'express'
import type { Json } from '../../base/canonical.ts'
import type { KeyedKind } from '../contract/key-ids.ts'
import { KEY_PREFIX, KIND_OF_MEMBER } from '../contract/key-ids.ts'
import type { Application } from '../till/application.ts'
import type { Access } from '../till/requests.ts'

const MEMBERS = Object.entries(KIND_OF_MEMBER)

/**
 * Puts real ids in place of those that a request wrote as `key:` and an Idempotency-Key. A key that names nothing stays
 * as it was sent, and is refused as an unknown id.
 */
export class KeyIds {
  readonly #application: Pick<Application, 'idOfKey'>

  constructor(application: Pick<Application, 'idOfKey'>) {
    this.#application = application
  }

  /** `kinds`: those that the id may be of, in the order in which they are looked up. */
  id(sent: string, kinds: readonly KeyedKind[], access: Access): string {
    if (!sent.startsWith(KEY_PREFIX)) return sent
    const key = sent.slice(KEY_PREFIX.length)
    for (const kind of kinds) {
      const id = this.#application.idOfKey(access, kind, key)
      if (id !== undefined) return id
    }
    return sent
  }

  /** The members of the body itself: what is inside of them belongs to the caller. */
  body(body: Json | undefined, access: Access): Json | undefined {
    if (typeof body !== 'object' || body === null || Array.isArray(body)) return body
    return this.#members(body as { readonly [member: string]: Json }, access)
  }

  query(query: Request['query'], access: Access): Request['query'] {
    return this.#members(query, access)
  }

  #members<Value extends object>(sent: Value, access: Access): Value {
    let members = sent
    for (const [name, kind] of MEMBERS) {
      const value: unknown = Reflect.get(sent, name)
      if (typeof value !== 'string' || !value.startsWith(KEY_PREFIX)) continue
      members = { ...members, [name]: this.id(value, [kind], access) }
    }
    return members
  }
}
