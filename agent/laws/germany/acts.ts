import { monoMs, pause } from '../../../base/clock.ts'
import { DeviceError, isSilence } from '../../../drivers/errors.ts'
import type { Tse, TseIdentity, TseRecall, TseSignature } from '../../../drivers/ports/tse.ts'
import type { Usable } from '../../devices/usable.ts'
import { SILENCES_MAX } from '../../devices/usable.ts'
import type { Asked } from './proof.ts'
import { SignatureProof } from './proof.ts'
import { StartedTransactions } from './started-transactions.ts'
import type { Doing, Request, Tried, TseAct, TseDone, TseOutcome } from './tse-act.ts'
import { UNASKED } from './tse-act.ts'
import {
  askedFinish,
  askedStart,
  failed,
  finishedBy,
  noSuchDevice,
  refusedAsUncertified,
  startedBy,
  unknown,
  unknownAfter,
} from './tse-outcomes.ts'
import type { TseQuestionsOptions } from './tse-questions.ts'
import { TseQuestions } from './tse-questions.ts'

export type TseActsOptions = Omit<TseQuestionsOptions, 'proof' | 'started'> & {
  /** How long a till waits for an answer; 10 s if omitted. */
  deadlineMs?: number
}

const DEADLINE_MS = 10_000
/** How long a busy device is asked again. A request that waited longer in its queue is not queued again. */
const BUSY_MS = 5000
const BUSY_WAIT_MS = 100
/** A request that demonstrably never reached the device is sent again. */
const TRIES = 2
/** The TSE is down: the (de)registration of a client stays open and is done when it is back. */
const OPEN_UNTIL_BACK = new Set(['unavailable', 'timeout', 'garbled', 'busy', 'clock_suspect'])

const unanswering = { code: 'unavailable', message: 'The TSE does not answer.' }

/**
 * Executes the acts of this law on a TSE. If a reply is lost, it asks what became of the act (tse-questions.ts).
 * Appends nothing to the journal.
 */
export class TseActs {
  readonly #options: TseActsOptions
  readonly #proof = new SignatureProof()
  readonly #started = new StartedTransactions()
  readonly #questions: TseQuestions

  constructor(options: TseActsOptions) {
    this.#options = options
    this.#questions = new TseQuestions({ ...options, proof: this.#proof, started: this.#started })
  }

  /** Without a `request` no client waits, so the act does not wait for a silent device. */
  async perform(act: TseAct, request: Request = UNASKED): Promise<TseOutcome> {
    const device = this.#options.tseOf(act.device)
    if (device === undefined) return noSuchDevice(act)
    const { clock, deadlineMs = DEADLINE_MS } = this.#options
    const helpedUntilNs =
      request === UNASKED ? clock.mono() + (BigInt(deadlineMs) * 1_000_000n) / 2n : request.waitUntilNs
    const doing: Doing = { act, request, helpedUntilNs, silences: 0, isBegun: false }
    const outcome = await this.#performRepeatedly(device, doing)
    // Repeating a (de)registration is harmless: it stays open while the device is down, and the register sells until
    // then.
    const staysToBeDone = act.name === 'register_client' || (act.name === 'deregister_client' && doing.isBegun)
    const isDown = outcome.kind === 'failed' && OPEN_UNTIL_BACK.has(outcome.code)
    return isDown && outcome.kind === 'failed' && staysToBeDone ? { ...outcome, kind: 'unknown' } : outcome
  }

  /** Tries again what the device did not do. A device that answers every query but executes nothing counts as down. */
  async #performRepeatedly(device: Usable<Tse>, doing: Doing): Promise<TseOutcome> {
    for (let tries = 1; ; ) {
      const { outcome, error } = await this.#performOnce(device, doing)
      if (outcome.kind !== 'absent' || error === undefined) return outcome
      const trouble = doing.request.obstacle()
      if (trouble !== undefined) return { kind: 'failed', ...trouble }
      // The device came back within its window: its silence is not reported.
      if (isSilence(error.code)) continue
      if (tries < TRIES) {
        tries += 1
        continue
      }
      device.report(error)
      const message = `The TSE did not do what it was asked, twice: ${error.message}`
      return { kind: 'failed', code: error.code, message }
    }
  }

  /** One try; `absent` with the device's answer if it did nothing and may be asked again. */
  async #performOnce(device: Usable<Tse>, doing: Doing): Promise<Tried> {
    const { act, request } = doing
    const latestMs = monoMs(this.#options.clock) + BUSY_MS
    for (;;) {
      const notBegun = await this.#notBegun(device, doing)
      if (notBegun !== undefined) return { outcome: notBegun }
      doing.isBegun = true
      try {
        const outcome = await this.#call(device, act)
        device.worked()
        return { outcome }
      } catch (error) {
        if (!(error instanceof DeviceError)) throw error
        if (error.code !== 'busy' || monoMs(this.#options.clock) >= latestMs)
          return { outcome: await this.#afterError(device, doing, error), error }
      }
      await pause(this.#options.clock, BUSY_WAIT_MS)
      const trouble = request.obstacle()
      if (trouble !== undefined) return { outcome: { kind: 'failed', ...trouble } }
    }
  }

  /** The reason why the act cannot begin, after the wait for a device that has just fallen silent. */
  async #notBegun(device: Usable<Tse>, { act, request }: Doing): Promise<TseOutcome | undefined> {
    const wasUsable = device.usable
    try {
      if (!wasUsable && !(await device.isBack?.(request.waitUntilNs)))
        return { kind: 'failed', ...(device.trouble ?? unanswering) }
    } catch (error) {
      return unknownAfter(error)
    }
    const trouble = (wasUsable ? undefined : request.obstacle()) ?? refusedAsUncertified(device, act)
    return trouble && { kind: 'failed', ...trouble }
  }

  /** Asks the device for the outcome of an interrupted act; never acts. */
  askOutcome(act: TseAct): Promise<TseOutcome> {
    return this.#questions.askOutcome(act)
  }

  /** True if the stored end of a transaction was signed with that key. */
  holds(clientId: string, finish: NonNullable<TseRecall['finish']>, identity: TseIdentity): Promise<boolean> {
    const { processType, processData, transaction } = finish
    return this.#proof.holds({ operation: 'Finish', clientId, processType, processData, transaction }, finish, identity)
  }

  async #afterError(device: Usable<Tse>, doing: Doing, error: DeviceError): Promise<TseOutcome> {
    // Aborted because the agent stops: the open intent is reconciled after the next start.
    if (error.code === 'aborted') return unknown(error)
    if (isSilence(error.code)) return this.#afterSilence(device, doing, error)
    const { act, helpedUntilNs } = doing
    if (error.effect === 'none') {
      const isForgotten = error.code === 'client_unknown' && !act.name.endsWith('_client')
      if (isForgotten && (await this.#isRegisteredAgain(device, act))) return { kind: 'absent' }
      device.report(error)
      return failed(error)
    }
    const outcome = await this.#questions.askOutcome(act, helpedUntilNs)
    // Reconciled: the device works, one reply was lost. If not: an outage until the probe is answered.
    if (outcome.kind === 'unknown' || error.code === 'certificate_expired') device.report(error)
    return outcome
  }

  /** The connection broke: the device has its window to come back. Only then is it asked what it did. */
  async #afterSilence(device: Usable<Tse>, doing: Doing, error: DeviceError): Promise<TseOutcome> {
    const attempts = this.#questions.attemptsFor(doing.act)
    for (let broken = error; ; ) {
      device.report(broken)
      doing.silences += 1
      try {
        const isBack = doing.silences <= SILENCES_MAX && (await device.isBack?.(doing.request.waitUntilNs)) === true
        if (!isBack) return this.#stayedAway(device, error)
        if (error.effect === 'none') return { kind: 'absent' }
        return await this.#questions.ask(device, doing.act, attempts, doing.helpedUntilNs)
      } catch (thrown) {
        if (!(thrown instanceof DeviceError)) throw thrown
        if (!isSilence(thrown.code)) return unknown(thrown, attempts.hindrance)
        broken = thrown
      }
    }
  }

  /** It did not come back in time; a more precise finding, such as another unit at the same port, is returned. */
  #stayedAway(device: Usable<Tse>, error: DeviceError): TseOutcome {
    const { code, message } = device.trouble ?? error
    return { kind: error.effect === 'none' ? 'failed' : 'unknown', code, message }
  }

  /** Registers a client again that the unit forgot because of another program or a memory loss. */
  async #isRegisteredAgain({ unit: tse }: Usable<Tse>, act: TseAct): Promise<boolean> {
    try {
      await tse.registerClient(act.client)
      return true
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error
      return false
    }
  }

  async #call({ unit: tse, identity: reported }: Usable<Tse>, act: TseAct): Promise<TseDone> {
    const client = act.client
    // Read before the act: a device that does not answer has done nothing.
    const identity = reported ?? (await tse.identity())
    if (act.name === 'start') {
      const start = this.#proven(tse.start(client), askedStart(act), identity, tse)
      const signature = await this.#started.track(act.device, client, start)
      return { kind: 'done', act: 'start', result: startedBy(signature, identity) }
    }
    if (act.name === 'finish') {
      const asked = askedFinish(act)
      const { transaction, processType, processData } = asked
      const answer = tse.finish(transaction, client, processType, processData)
      const signature = await this.#proven(answer, asked, identity, tse)
      this.#started.forget(act.device, signature.transaction)
      return { kind: 'done', act: 'finish', result: finishedBy(signature, identity) }
    }
    if (act.name === 'register_client') await tse.registerClient(client)
    else await tse.deregisterClient(client)
    return { kind: 'done', act: act.name, result: { serial: identity.serial } }
  }

  async #proven(answer: Promise<TseSignature>, asked: Asked, identity: TseIdentity, tse: Tse): Promise<TseSignature> {
    const signature = await answer
    await this.#proof.demand(asked, signature, identity, tse)
    return signature
  }
}
