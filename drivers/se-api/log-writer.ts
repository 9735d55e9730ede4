import { DeviceError, withEffect } from '../errors.ts'
import { serialOfPoint } from '../tr03151/ecdsa.ts'
import { parseLogMessage, sealed, sealedLength } from '../tr03151/log-message.ts'
import { newState, stateAfter } from './state.ts'
import type { SeLog, SePending, SeSigner, SeState, SeStore } from './store.ts'

/** A change of state that the log does not contain. */
export type StateChange = (next: SeState) => SeState

const unchanged: StateChange = (next) => next

/** An archive belongs to one key (TR-03153-1 §5.2): throws `foreign` if the memory holds the logs of another. */
export async function demandOwnLogs(store: SeStore, { publicKey }: SeSigner): Promise<void> {
  const { state } = await store.load()
  for await (const { message } of store.logs((state?.deletedUpTo ?? 0) + 1)) {
    if (serialOfPoint(publicKey).equals(parseLogMessage(message).serial)) return
    const why = 'its memory holds the logs of another key; a new key needs a new device id'
    throw new DeviceError('foreign', 'none', why)
  }
}

/**
 * Takes a message through prepare, sign and commit, and holds the state between. A message whose signing failed stays
 * pending: the same bytes are signed again, so that no counter is lost and none denotes two contents.
 */
export class LogWriter {
  readonly #store: SeStore
  readonly #signer: SeSigner
  #state: SeState | undefined
  #pending: SePending | undefined

  constructor(store: SeStore, signer: SeSigner) {
    this.#store = store
    this.#signer = signer
  }

  /** Reads state and pending message from the memory. Throws `foreign` if another key has signed its logs. */
  async open(virginTimeMs: number): Promise<void> {
    await demandOwnLogs(this.#store, this.#signer)
    const { state, pending } = await this.#store.load()
    this.#state = state ?? newState(virginTimeMs)
    this.#pending = pending
    await this.settle()
  }

  /** Completes a message whose signing failed. */
  async settle(): Promise<void> {
    if (this.#pending) await this.#complete(this.#pending)
  }

  /** Stores a change of state without a log. */
  async save(next: SeState): Promise<void> {
    await this.#stored(this.#store.save(next))
    this.#state = next
  }

  state(): SeState {
    if (!this.#state) throw new DeviceError('unavailable', 'none', 'the element must be opened first')
    return this.#state
  }

  /** Signs and stores one log; resolves to its signature. */
  async write(log: Omit<SeLog, 'message'>, unsigned: Uint8Array, change: StateChange = unchanged): Promise<Uint8Array> {
    // Plain signatures are as long as X‖Y, so the length of the message is known before signing.
    const messageBytes = sealedLength(unsigned, this.#signer.publicKey.length - 1)
    const pending = { log, unsigned, next: change(stateAfter(this.state(), log, messageBytes)) }
    await this.#stored(this.#store.prepare(pending))
    this.#pending = pending
    return this.#complete(pending)
  }

  async #complete({ log, unsigned, next }: SePending): Promise<Uint8Array> {
    const signature = await this.#sign(unsigned)
    await this.#stored(this.#store.commit({ ...log, message: sealed(unsigned, signature) }, next))
    this.#state = next
    this.#pending = undefined
    return signature
  }

  /** The message is fixed and will be signed later at the latest: whatever the key answers, the outcome is unknown. */
  async #sign(unsigned: Uint8Array): Promise<Uint8Array> {
    try {
      return await this.#signer.sign(unsigned)
    } catch (error) {
      throw withEffect(error, 'unknown')
    }
  }

  /** After an error only the memory knows whether the log was stored: no further act before open() has read it. */
  async #stored(writing: Promise<void>): Promise<void> {
    try {
      await writing
    } catch (error) {
      this.#state = undefined
      this.#pending = undefined
      throw error
    }
  }
}
