import type { ErrorDto, Register, RegisterListResponse } from './contract.ts'
import type { Sender } from './sender.ts'
import type { PendingStore, StoredEntry } from './store.ts'
import { isRegisterEntry, REGISTER_REF, StoreError } from './store.ts'

/** The agent does not answer, or not as it should. Nothing is lost: open the till again. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable'
  /** If it answered. */
  readonly error: ErrorDto | undefined

  constructor(message: string, error?: ErrorDto) {
    super(message)
    this.error = error
  }
}

/** A register key sees its own register alone. Throws Unreachable, and TypeError for the key of an office. */
export async function findRegister(sender: Sender): Promise<Register> {
  const sent = await sender.send({ method: 'GET', path: '/v1/registers' })
  if (sent.kind !== 'done') {
    const { error } = sent
    throw new Unreachable(error?.message ?? 'The agent does not answer: start it, then open the till again', error)
  }
  const { data } = sent.value as RegisterListResponse
  const [register, ...others] = data
  if (register === undefined || others.length > 0)
    throw new TypeError(`The key sees ${data.length} registers: use the key of one register`)
  return register
}

/** Under the key of another register a recorded sale would be answered as unknown. Throws StoreError. */
export async function claimStore(
  store: PendingStore,
  entries: readonly StoredEntry[],
  { id }: Register,
): Promise<void> {
  const owner = entries.find(isRegisterEntry)
  if (owner === undefined) return store.put({ ref: REGISTER_REF, registerId: id })
  if (owner.registerId !== id)
    throw new StoreError(
      `The store belongs to register ${owner.registerId}, and the key to ${id}: use the key of that register, or another store`,
    )
}
