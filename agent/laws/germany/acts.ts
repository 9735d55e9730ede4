import type { Clock } from '../../../base/clock.ts'
import { monoMs, pause } from '../../../base/clock.ts'
import { DeviceError, isSilence } from '../../../drivers/errors.ts'
import type { Climb } from '../../../drivers/ladder.ts'
import { climb, UnknownOutcome } from '../../../drivers/ladder.ts'
import type { Tse, TseIdentity, TseLog, TseRecall, TseSignature } from '../../../drivers/ports/tse.ts'
import type { Usable } from '../../devices/usable.ts'
import { SILENCES_MAX } from '../../devices/usable.ts'
import type { Members } from '../../journal/events.ts'
import type { Outcome } from '../law.ts'
import type { Asked } from './proof.ts'
import { SignatureProof } from './proof.ts'
import type { Doing, FinishAct, Finished, Request, StartAct, Started, Tried, TseAct } from './tse-act.ts'
import { UNASKED } from './tse-act.ts'
import {
  askedFinish,
  askedStart,
  failed,
  finishedBy,
  noLog,
  noSuchDevice,
  outcomeKey,
  refusalOf,
  signedWrongly,
  startedBy,
  undecided,
  unknown,
} from './tse-outcomes.ts'

export type TseActsOptions = {
  tseOf: (device: string) => Usable<Tse> | undefined
  /** Transactions that are open on a device according to the journal. */
  journalledOpen: (device: string) => readonly number[]
  clock: Clock
  /** How long a till waits for an answer; 10 s if omitted. */
  deadlineMs?: number
}

const DEADLINE_MS = 10_000
/** How long a busy device is asked again. A request that waited longer in its queue is not queued again. */
const BUSY_MS = 5000
const BUSY_WAIT_MS = 100
/** A request that demonstrably never reached the device is sent again. */
const TRIES = 2
const AWAY_CODES = new Set(['unavailable', 'timeout', 'garbled', 'busy', 'clock_suspect'])
/** The device answers, but is not the unit that the act names. */
const OTHER_UNIT = new Set(['foreign', 'retired'])

const unanswering = { code: 'unavailable', message: 'The TSE does not answer.' }

/** Executes the acts of this law on a TSE and reconciles interrupted ones. Appends nothing to the journal. */
export class TseActs {
  readonly #options: TseActsOptions
  readonly #proof = new SignatureProof()
  /** By device: started in this process, perhaps not journalled yet, so not a lost start. */
  readonly #returned = new Map<string, Set<number>>()
  /** Starts by device and client without an answer: an open transaction may be theirs. */
  readonly #starting = new Map<string, Set<Promise<TseSignature>>>()
  /** Attempts to learn the outcome of an act from the device, until it is known. */
  readonly #unknowns = new Map<string, UnknownOutcome>()

  constructor(options: TseActsOptions) {
    this.#options = options
  }

  /** Without a `request` no client waits, so the act does not wait for a silent device. */
  async perform(act: TseAct, request: Request = UNASKED): Promise<Outcome> {
    const device = this.#options.tseOf(act.device)
    if (device === undefined) return noSuchDevice(act)
    const { clock, deadlineMs = DEADLINE_MS } = this.#options
    const helpedUntilNs =
      request === UNASKED ? clock.mono() + (BigInt(deadlineMs) * 1_000_000n) / 2n : request.waitUntilNs
    const doing: Doing = { act, request, helpedUntilNs, silences: 0, isBegun: false }
    const outcome = await this.#tried(device, doing)
    // Repeating a (de)registration is harmless: it stays open while the device is down, and the register sells until
    // then.
    const staysToBeDone = act.name === 'register_client' || (act.name === 'deregister_client' && doing.isBegun)
    const isAway = outcome.kind === 'failed' && AWAY_CODES.has(outcome.code)
    return isAway && outcome.kind === 'failed' && staysToBeDone ? { ...outcome, kind: 'unknown' } : outcome
  }

  /** Tries again what the device did not do. A device that answers every query but executes nothing counts as down. */
  async #tried(device: Usable<Tse>, doing: Doing): Promise<Outcome> {
    for (let tries = 1; ; ) {
      const { outcome, error } = await this.#attempt(device, doing)
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
  async #attempt(device: Usable<Tse>, doing: Doing): Promise<Tried> {
    const { act, request } = doing
    const latestMs = monoMs(this.#options.clock) + BUSY_MS
    for (;;) {
      const notBegun = await this.#notBegun(device, doing)
      if (notBegun !== undefined) return { outcome: notBegun }
      doing.isBegun = true
      try {
        const result = await this.#run(device, act)
        device.worked()
        return { outcome: { kind: 'done', result } }
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
  async #notBegun(device: Usable<Tse>, { act, request }: Doing): Promise<Outcome | undefined> {
    const wasUsable = device.usable
    try {
      if (!wasUsable && !(await device.returned?.(request.waitUntilNs)))
        return { kind: 'failed', ...(device.trouble ?? unanswering) }
    } catch (error) {
      return undecided(error)
    }
    const trouble = (wasUsable ? undefined : request.obstacle()) ?? refusalOf(device, act)
    return trouble && { kind: 'failed', ...trouble }
  }

  /** True if the stored end of a transaction was signed with that key. */
  holds(clientId: string, finish: NonNullable<TseRecall['finish']>, identity: TseIdentity): Promise<boolean> {
    const { processType, processData, transaction } = finish
    return this.#proof.holds({ operation: 'Finish', clientId, processType, processData, transaction }, finish, identity)
  }

  /** Asks the device; never acts. `unknown` if it cannot be asked: another unit has no record of this unit's acts. */
  settle(act: TseAct): Promise<Outcome> {
    return this.#settle(act, undefined)
  }

  async #settle(act: TseAct, untilNs: bigint | undefined): Promise<Outcome> {
    const device = this.#options.tseOf(act.device)
    if (device === undefined) return { ...noSuchDevice(act), kind: 'unknown' }
    const { trouble } = device
    if (trouble !== undefined && OTHER_UNIT.has(trouble.code)) return { kind: 'unknown', ...trouble }
    const unresolved = this.#unknownOf(act)
    try {
      return await this.#asked(device, act, unresolved, untilNs)
    } catch (error) {
      return undecided(error, unresolved)
    }
  }

  /** `untilNs`: a customer waits, so the device is helped to answer only until then. Throws its error otherwise. */
  async #asked(
    device: Usable<Tse>,
    act: TseAct,
    unresolved: UnknownOutcome,
    untilNs: bigint | undefined,
  ): Promise<Outcome> {
    const { clock } = this.#options
    const isOver = (): boolean => !device.usable || (untilNs !== undefined && clock.mono() >= untilNs)
    const outcome = await this.#told(device, act, { unresolved, atAct: untilNs !== undefined, isOver })
    if (outcome.kind !== 'unknown') this.#unknowns.delete(outcomeKey(act))
    return outcome
  }

  #unknownOf(act: TseAct): UnknownOutcome {
    const unresolved = this.#unknowns.get(outcomeKey(act)) ?? new UnknownOutcome(act.client)
    this.#unknowns.set(outcomeKey(act), unresolved)
    return unresolved
  }

  /** If the usual query does not return the outcome, another way may. */
  async #told(device: Usable<Tse>, act: TseAct, climbing: Climb): Promise<Outcome> {
    try {
      return await this.#ask(device, act, climbing)
    } catch (error) {
      if (!(error instanceof DeviceError) || climbing.atAct || climbing.isOver()) throw error
      if (!climbing.unresolved.mayAskOtherwise(error)) throw error
      const outcome = await this.#toldOtherwise(device, act)
      if (outcome === undefined) throw error
      return outcome
    }
  }

  /** The newest log that the unit names counts if its signature is valid for the data that was sent. */
  async #toldOtherwise({ unit: tse, identity }: Usable<Tse>, act: TseAct): Promise<Outcome | undefined> {
    if ((act.name !== 'start' && act.name !== 'finish') || identity === undefined) return undefined
    const log = await tse.lastLog?.(act.name === 'finish' ? act.transaction : undefined, act.client).catch(noLog)
    if (log === undefined) return undefined
    const { transaction } = log
    if (act.name === 'finish') {
      if (!(await this.#proof.proves(askedFinish(act), log, identity))) return undefined
      return { kind: 'done', result: this.#finished(act.device, log, identity) }
    }
    const returned = this.#returnedBy(act.device)
    if (returned.has(transaction) || this.#options.journalledOpen(act.device).includes(transaction)) return undefined
    if (!(await this.#proof.proves({ ...askedStart(act), transaction }, log, identity))) return undefined
    returned.add(transaction)
    return { kind: 'done', result: startedBy(log, identity) }
  }

  async #afterError(device: Usable<Tse>, doing: Doing, error: DeviceError): Promise<Outcome> {
    // Aborted because the agent stops: the open intent is reconciled after the next start.
    if (error.code === 'aborted') return unknown(error)
    if (isSilence(error.code)) return this.#afterSilence(device, doing, error)
    const { act, helpedUntilNs } = doing
    if (error.effect === 'none') {
      const isForgotten = error.code === 'client_unknown' && !act.name.endsWith('_client')
      if (isForgotten && (await this.#isKnownAgain(device, act))) return { kind: 'absent' }
      device.report(error)
      return failed(error)
    }
    const outcome = await this.#settle(act, helpedUntilNs)
    // Reconciled: the device works, one reply was lost. If not: an outage until the probe is answered.
    if (outcome.kind === 'unknown' || error.code === 'certificate_expired') device.report(error)
    return outcome
  }

  /** The connection broke: the device has its window to come back. Only then is it asked what it did. */
  async #afterSilence(device: Usable<Tse>, doing: Doing, error: DeviceError): Promise<Outcome> {
    const unresolved = this.#unknownOf(doing.act)
    for (let broken = error; ; ) {
      device.report(broken)
      doing.silences += 1
      try {
        const isBack = doing.silences <= SILENCES_MAX && (await device.returned?.(doing.request.waitUntilNs)) === true
        if (!isBack) return this.#lost(device, error)
        if (error.effect === 'none') return { kind: 'absent' }
        return await this.#asked(device, doing.act, unresolved, doing.helpedUntilNs)
      } catch (thrown) {
        if (!(thrown instanceof DeviceError)) throw thrown
        if (!isSilence(thrown.code)) return unknown(thrown, unresolved.hindrance)
        broken = thrown
      }
    }
  }

  /** It did not come back in time; a more precise finding, such as another unit at the same port, is returned. */
  #lost(device: Usable<Tse>, error: DeviceError): Outcome {
    const { code, message } = device.trouble ?? error
    return { kind: error.effect === 'none' ? 'failed' : 'unknown', code, message }
  }

  /** Registers a client again that the unit forgot because of another program or a memory loss. */
  async #isKnownAgain({ unit: tse }: Usable<Tse>, act: TseAct): Promise<boolean> {
    try {
      await tse.registerClient(act.client)
      return true
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error
      return false
    }
  }

  async #run({ unit: tse, identity: known }: Usable<Tse>, act: TseAct): Promise<Members> {
    const client = act.client
    // Read before the act: a device that does not answer has done nothing.
    const identity = known ?? (await tse.identity())
    if (act.name === 'start') return startedBy(await this.#start(tse, act.device, askedStart(act), identity), identity)
    if (act.name === 'finish') {
      const asked = askedFinish(act)
      const { transaction, processType, processData } = asked
      const answer = tse.finish(transaction, client, processType, processData)
      return this.#finished(act.device, await this.#proven(answer, asked, identity, tse), identity)
    }
    if (act.name === 'register_client') await tse.registerClient(client)
    else await tse.deregisterClient(client)
    return { serial: identity.serial }
  }

  async #start(tse: Tse, device: string, asked: Asked, identity: TseIdentity): Promise<TseSignature> {
    const starting = this.#startingBy(device, asked.clientId)
    const start = this.#proven(tse.start(asked.clientId), asked, identity, tse)
    starting.add(start)
    try {
      const signature = await start
      this.#returnedBy(device).add(signature.transaction)
      return signature
    } finally {
      starting.delete(start)
    }
  }

  async #proven(answer: Promise<TseSignature>, asked: Asked, identity: TseIdentity, tse: Tse): Promise<TseSignature> {
    const signature = await answer
    await this.#proof.demand(asked, signature, identity, tse)
    return signature
  }

  async #ask(device: Usable<Tse>, act: TseAct, climbing: Climb): Promise<Outcome> {
    const tse = device.unit
    if (act.name === 'start') return this.#askStart(device, act, climbing)
    if (act.name === 'finish') return this.#askFinish(device, act, climbing)
    const registered = (await climb(tse, climbing, () => tse.clients())).includes(act.client)
    if (registered !== (act.name === 'register_client')) return { kind: 'absent' }
    return { kind: 'done', result: { serial: (await climb(tse, climbing, () => tse.identity())).serial } }
  }

  /**
   * A number in the device's open list that is neither in the journal nor returned to a caller belongs to this start.
   */
  async #askStart(device: Usable<Tse>, act: StartAct, climbing: Climb): Promise<Outcome> {
    const { unit: tse, identity: known } = device
    const open = await climb(tse, climbing, () => tse.openTransactions(act.client))
    const returned = this.#returnedBy(act.device)
    let journalled = new Set(this.#options.journalledOpen(act.device))
    const isKnown = (transaction: number): boolean => returned.has(transaction) || journalled.has(transaction)
    if (!open.every(isKnown)) {
      // The answer of another start may arrive first: wait for it.
      await Promise.allSettled(this.#startingBy(act.device, act.client))
      journalled = new Set(this.#options.journalledOpen(act.device))
    }
    for (const transaction of open) {
      if (isKnown(transaction)) continue
      // Reserved before the next query: another lost start may be reconciled at the same time.
      returned.add(transaction)
      let found: Started | undefined
      try {
        const start = await this.#recalledStart(tse, transaction, act, climbing)
        const identity = known ?? (await tse.identity())
        if (start !== undefined && !(await this.#proof.holds({ ...askedStart(act), transaction }, start, identity)))
          return signedWrongly(device, transaction)
        found = start && startedBy(start, identity)
      } finally {
        // On any failure the next query must be able to find it.
        if (found === undefined) returned.delete(transaction)
      }
      if (found !== undefined) return { kind: 'done', result: found }
    }
    return { kind: 'absent' }
  }

  async #recalledStart(tse: Tse, transaction: number, act: StartAct, climbing: Climb): Promise<TseLog | undefined> {
    const recalled = await climb(tse, climbing, () => tse.recall(transaction, act.client))
    // It may be this very start: if it were repeated, one of the two would stay open.
    if (recalled === undefined)
      throw new DeviceError(
        'garbled',
        'unknown',
        `The TSE lists transaction ${transaction} as open but returns no data for it.`,
      )
    // If it was finished since the list was read, it belongs to another act: a lost start is never finished.
    return recalled.finish === undefined && recalled.clientId === act.client ? recalled.start : undefined
  }

  #startingBy(device: string, client: string): Set<Promise<TseSignature>> {
    const key = `${device}\0${client}`
    const starts = this.#starting.get(key) ?? new Set<Promise<TseSignature>>()
    this.#starting.set(key, starts)
    return starts
  }

  #returnedBy(device: string): Set<number> {
    const numbers = this.#returned.get(device) ?? new Set<number>()
    this.#returned.set(device, numbers)
    return numbers
  }

  /** Still open: not executed. Otherwise its log must have the data that was sent. */
  async #askFinish(device: Usable<Tse>, act: FinishAct, climbing: Climb): Promise<Outcome> {
    const { unit: tse, identity: known } = device
    const asked = askedFinish(act)
    const { transaction } = asked
    const open = await climb(tse, climbing, () => tse.openTransactions(act.client))
    if (open.includes(transaction)) return { kind: 'absent' }
    const finish = (await climb(tse, climbing, () => tse.recall(transaction, act.client)))?.finish
    if (finish === undefined)
      return {
        kind: 'failed',
        code: 'transaction_unknown',
        message: `The TSE has no end of transaction ${transaction}.`,
      }
    if (finish.processType !== act.process_type || Buffer.from(finish.processData).toString() !== act.process_data) {
      return {
        kind: 'failed',
        code: 'finished_otherwise',
        message: `Transaction ${transaction} was finished with other data.`,
      }
    }
    const identity = known ?? (await climb(tse, climbing, () => tse.identity()))
    if (!(await this.#proof.holds(asked, finish, identity))) return signedWrongly(device, transaction)
    return { kind: 'done', result: this.#finished(act.device, finish, identity) }
  }

  #finished(device: string, signature: TseSignature, identity: TseIdentity): Finished {
    this.#returned.get(device)?.delete(signature.transaction)
    return finishedBy(signature, identity)
  }
}
