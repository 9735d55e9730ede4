import type { KeyedKind } from '../contract/key-ids.ts'
import { KEY_PREFIX, KIND_OF_LIST, KIND_OF_MEMBER } from '../contract/key-ids.ts'
import type { Application } from '../till/application.ts'
import type { Access } from '../till/requests.ts'

const MEMBERS = Object.entries(KIND_OF_MEMBER)
const LISTS = Object.entries(KIND_OF_LIST)

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

  /**
   * The members of a body or query itself and of its lines: what is inside of others belongs to the caller. The same value
   * if none of them is a key: a sale is not copied.
   */
  members<Value>(sent: Value, access: Access): Value {
    if (typeof sent !== 'object' || sent === null || Array.isArray(sent)) return sent
    let members: Value & object = sent
    const lines: unknown = Reflect.get(sent, 'line_items')
    // Nothing of it is checked yet: a line may be anything.
    if (Array.isArray(lines) && lines.some((line) => String(line?.related_operation_id).startsWith(KEY_PREFIX)))
      members = { ...members, line_items: lines.map((line) => this.members(line, access)) }
    for (const [name, kind] of MEMBERS) {
      const value: unknown = Reflect.get(sent, name)
      if (typeof value !== 'string' || !value.startsWith(KEY_PREFIX)) continue
      members = { ...members, [name]: this.id(value, [kind], access) }
    }
    for (const [name, kind] of LISTS) {
      const values: unknown = Reflect.get(sent, name)
      if (Array.isArray(values)) members = { ...members, [name]: values.map((each) => this.#one(each, kind, access)) }
    }
    return members
  }

  /** One of a list: nothing of it is checked yet. */
  #one(sent: unknown, kind: KeyedKind, access: Access): unknown {
    return typeof sent === 'string' ? this.id(sent, [kind], access) : sent
  }
}
