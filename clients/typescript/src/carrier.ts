import type { Basket, Baskets } from './basket.ts'
import { CREATE_PATH, hasOperation, isSetAside } from './basket.ts'
import type { ErrorDto, Operation } from './contract.ts'
import type { Outcome, Read } from './outcome.ts'
import type { Sender, Sent } from './sender.ts'

type Done = Extract<Sent, { kind: 'done' }>

/** Sends the newest request of a basket, and says what became of it. */
export class Carrier {
  readonly #sender: Sender
  readonly #baskets: Baskets

  constructor(sender: Sender, baskets: Baskets) {
    this.#sender = sender
    this.#baskets = baskets
  }

  async send(basket: Basket): Promise<Outcome<Operation>> {
    const { ref, request } = basket.entry
    const sent = await this.#sender.send(request, basket.past)
    switch (sent.kind) {
      case 'done':
        return this.#finish(basket, sent)
      case 'ask_again':
        return { outcome: 'ask_again', ref, ...(sent.error && { error: sent.error }), retryAfterMs: sent.retryAfterMs }
      case 'partial':
        return this.#keepPartial(basket, sent.error)
      case 'conflict':
        return this.#readConflict(basket, sent.error)
      case 'barred':
      case 'refused':
        return this.#refuse(basket, sent.error)
    }
  }

  /** Reads the state of a basket whose newest request is answered, or must not be sent again. */
  async look(basket: Basket): Promise<Outcome<Operation>> {
    const { ref } = basket.entry
    const read = await this.read(basket)
    if (read.outcome === 'ask_again') return { ...read, ref }
    if (read.outcome === 'refused') {
      if (!isSetAside(basket) && read.error.status === 404) await this.#baskets.remove(basket)
      return { ...read, ref }
    }
    basket.operation = read.value
    if (read.value.status !== 'open' && !isSetAside(basket)) await this.#end(basket, read.value)
    return doneAs(basket, read.value, false)
  }

  /** The operation of a basket as it is now, by its id, else by the key that made it. */
  async read({ operation, entry }: Basket): Promise<Read<Operation>> {
    const id = operation?.id ?? entry.operationId ?? `key:${entry.ref}:create`
    const sent = await this.#sender.send({ method: 'GET', path: `${CREATE_PATH}/${id}` })
    return readOf(sent)
  }

  async #finish(basket: Basket, { value, isReplayed }: Done): Promise<Outcome<Operation>> {
    const operation = value as Operation
    basket.past.isUnknown = false
    if (!hasOperation(basket)) {
      await this.#baskets.remove(basket)
      return doneAs(basket, operation, isReplayed)
    }
    basket.operation = operation
    // Its answer is that of the first time, whatever became of it since.
    if (basket.isRecovered && operation.status === 'open') return this.look(basket)
    if (operation.status !== 'open') await this.#end(basket, operation)
    return doneAs(basket, operation, isReplayed)
  }

  /** A pending operation stays in the store until its end was seen. */
  async #end(basket: Basket, operation: Operation): Promise<void> {
    if (isFinal(operation)) await this.#baskets.remove(basket)
  }

  async #keepPartial(basket: Basket, error: ErrorDto): Promise<Outcome<Operation>> {
    basket.past.isUnknown = false
    const open = await this.#openNow(basket)
    return { outcome: 'refused', ref: basket.entry.ref, error, ...(open && { open }) }
  }

  async #readConflict(basket: Basket, error: ErrorDto): Promise<Outcome<Operation>> {
    const { ref, step } = basket.entry
    const read = await this.read(basket)
    if (read.outcome === 'ask_again') {
      basket.past.isUnknown = true
      return { ...read, ref }
    }
    if (read.outcome === 'refused' || (read.value.status === 'open' && step !== 'create'))
      return this.#refuse(basket, error)
    basket.past.isUnknown = false
    basket.operation = read.value
    if (read.value.status !== 'open') await this.#end(basket, read.value)
    const isOther = read.value.status === (step === 'void' ? 'completed' : 'voided')
    return isOther ? { outcome: 'refused', ref, error } : doneAs(basket, read.value, true)
  }

  /** A refused create leaves nothing; a later refusal leaves the basket open at the agent. */
  async #refuse(basket: Basket, error: ErrorDto): Promise<Outcome<Operation>> {
    const { ref, step } = basket.entry
    basket.past.isUnknown = false
    if (step === 'create') {
      await this.#baskets.remove(basket)
      return { outcome: 'refused', ref, error }
    }
    const open = await this.#openNow(basket)
    if (open === undefined) await this.#baskets.remove(basket)
    else await this.#baskets.note(basket, { step: 'open', operationId: open.id, version: open.resource_version })
    return { outcome: 'refused', ref, error, ...(open && { open }) }
  }

  /** Without an answer: as it was last seen. Undefined once it has ended, or if the agent does not have it. */
  async #openNow(basket: Basket): Promise<Operation | undefined> {
    const read = await this.read(basket)
    if (read.outcome === 'done') basket.operation = read.value
    const isMissing = read.outcome === 'refused' && read.error.status === 404
    return !isMissing && basket.operation?.status === 'open' ? basket.operation : undefined
  }
}

export function readOf<T>(sent: Sent): Read<T> {
  if (sent.kind === 'done') return { outcome: 'done', value: sent.value as T }
  if (sent.kind === 'ask_again')
    return { outcome: 'ask_again', ...(sent.error && { error: sent.error }), retryAfterMs: sent.retryAfterMs }
  return { outcome: 'refused', error: sent.error }
}

/** An open operation shows `pending` by rights. */
export function isFinal({ status, fiscal }: Operation): boolean {
  return status === 'open' || fiscal?.state !== 'pending'
}

function doneAs(basket: Basket, value: Operation, replayed: boolean): Outcome<Operation> {
  const receiptText = value.fiscal?.receipt_text
  return { outcome: 'done', ref: basket.entry.ref, value, replayed, final: isFinal(value), receiptText }
}
