import { DeviceError } from '../errors.ts'
import { CANCEL_COMMAND, RESET_COMMANDS } from './document-commands.ts'
import { customRefusal, isInterruption } from './failures.ts'
import type { CustomSession } from './session.ts'

const STEPS_MAX = 10

/**
 * Brings the printer to rest, by the steps of 1012: 0 and 7 are idle, from 1 to 4 a document is open, 5 and 6 wait for
 * their ejection, 8 is a slip.
 */
export class Resting {
  readonly #session: CustomSession
  /** A lottery code or a reference may wait in the printer for the next document: unknown at first. */
  #mayHoldEntries = true

  constructor(session: CustomSession) {
    this.#session = session
  }

  noteBegun(): void {
    this.#mayHoldEntries = true
  }

  noteDone(): void {
    this.#mayHoldEntries = false
  }

  async rest(signal: AbortSignal): Promise<void> {
    for (let steps = 0; steps < STEPS_MAX; steps += 1) if (await this.step(signal)) return
    throw new DeviceError('refused', 'none', 'an open document cannot be aborted')
  }

  /** True if the printer is idle; otherwise it was brought one step nearer to it. */
  async step(signal: AbortSignal): Promise<boolean> {
    const step = await this.#stepOf(signal)
    if (isOpen(step)) await this.#cancel(signal)
    else if (step === 5 || step === 6) await this.#demand('3013', signal)
    else if (step === 8) await this.#demand('4004', signal)
    else {
      await this.#forgetEntries(signal)
      return true
    }
    return false
  }

  /**
   * Some models end a cancelled document automatically, others want its end and its ejection. A refusal may mean that it
   * was cancelled before, and a lost reply or a restart came in between: then its end is missing. If it was not, its
   * end is refused, or completes what was paid, and the memory has it.
   */
  async #cancel(signal: AbortSignal): Promise<void> {
    this.#mayHoldEntries = true
    const reply = await this.#session.run(CANCEL_COMMAND, signal)
    if (!reply.done && isInterruption(customRefusal(reply.error, ''))) throw notCancelled(reply.error)
    if (isOpen(await this.#stepOf(signal))) await this.#demand('3011', signal)
  }

  async #forgetEntries(signal: AbortSignal): Promise<void> {
    if (!this.#mayHoldEntries) return
    for (const command of RESET_COMMANDS) await this.#session.run(command, signal)
    this.#mayHoldEntries = false
  }

  async #demand(command: string, signal: AbortSignal): Promise<void> {
    const reply = await this.#session.run(command, signal)
    if (!reply.done) throw notCancelled(reply.error)
  }

  async #stepOf(signal: AbortSignal): Promise<number> {
    const text = await this.#session.ask('1012', signal)
    if (!/^\d+$/.test(text)) throw new DeviceError('garbled', 'none', '1012: not a step')
    return Number(text)
  }
}

function isOpen(step: number): boolean {
  return step >= 1 && step <= 4
}

/** The document may also have just ended: the next question shows it. */
function notCancelled(error: string): DeviceError {
  const refusal = customRefusal(error, '')
  if (isInterruption(refusal)) return refusal.toldAs({ effect: 'unknown' })
  return new DeviceError(
    'unavailable',
    'unknown',
    `it does not cancel its open document: cancel it at its keys (${error})`,
    error,
  )
}
