import { sealed, transactionPart } from '../tr03151/log-message.ts'
import { newState } from './state.ts'
import type { SeLog, SePending, SeSigner, SeState, SeStore } from './store.ts'

export type HistoryOptions = {
  /** Memory for new signatures. */
  store: SeStore
  signer: SeSigner
  serial: Uint8Array
  /** Number of logs signed before the initialisation: starts and finishes of sales, one after the other. */
  logs: number
  /** Time of all of them, milliseconds since 1970 UTC. */
  timeMs: number
  /** Approximate bytes of the processData of a finish: an order. */
  dataBytes: number
}

const CLIENT_ID = 'history'
const PROCESS_TYPE = 'Bestellung-V1'
const LINE = '2;"Eisbecher ""Himbeere""";3.99'

/**
 * A memory that begins with years of trade: its logs are created and signed while they are read, so an archive of a
 * gigabyte needs neither disk nor memory.
 */
export class HistoryStore implements SeStore {
  readonly #options: HistoryOptions
  readonly #order: Uint8Array
  #deletedUpTo = 0

  constructor(options: HistoryOptions) {
    this.#options = options
    const lines = Math.floor(options.dataBytes / (LINE.length + 1))
    this.#order = Buffer.from(Array.from({ length: lines }, () => LINE).join('\r'))
  }

  async load(): Promise<{ state: SeState | undefined; pending: SePending | undefined }> {
    const { store, logs, timeMs } = this.#options
    const { state, pending } = await store.load()
    const initial = { ...newState(timeMs), signatureCounter: logs, transactionCounter: Math.ceil(logs / 2) }
    const pair = (await this.#log(1)).message.length + (await this.#log(2)).message.length
    const current = state ?? { ...initial, usedBytes: Math.ceil((logs * pair) / 2) }
    this.#deletedUpTo = current.deletedUpTo
    return { state: current, pending }
  }

  prepare(pending: SePending): Promise<void> {
    return this.#options.store.prepare(pending)
  }

  commit(log: SeLog, next: SeState): Promise<void> {
    this.#deletedUpTo = next.deletedUpTo
    return this.#options.store.commit(log, next)
  }

  save(next: SeState): Promise<void> {
    this.#deletedUpTo = next.deletedUpTo
    return this.#options.store.save(next)
  }

  async *logs(fromCounter: number): AsyncGenerator<SeLog> {
    for (let counter = Math.max(fromCounter, this.#deletedUpTo + 1); counter <= this.#options.logs; counter += 1)
      yield await this.#log(counter)
    yield* this.#options.store.logs(fromCounter)
  }

  async transaction(transaction: number): Promise<readonly SeLog[]> {
    const { logs, store } = this.#options
    const counter = 2 * transaction - 1
    if (transaction < 1 || counter > logs) return store.transaction(transaction)
    if (counter <= this.#deletedUpTo) return []
    const start = await this.#log(counter)
    return counter === logs ? [start] : [start, await this.#log(counter + 1)]
  }

  close(): Promise<void> {
    return this.#options.store.close()
  }

  async #log(counter: number): Promise<SeLog> {
    const { signer, serial, timeMs } = this.#options
    const isFinish = counter % 2 === 0
    const transaction = Math.ceil(counter / 2)
    const operation = isFinish ? 'Finish' : 'Start'
    const unsigned = transactionPart({
      serial,
      algorithm: signer.algorithm,
      counter,
      timeFormat: 'unixTime',
      timeMs,
      operation,
      clientId: CLIENT_ID,
      transaction,
      processType: isFinish ? PROCESS_TYPE : '',
      processData: isFinish ? this.#order : new Uint8Array(),
    })
    const message = sealed(unsigned, await signer.sign(unsigned))
    return { counter, kind: 'Tra', operation, transaction, clientId: CLIENT_ID, timeMs, message }
  }
}
