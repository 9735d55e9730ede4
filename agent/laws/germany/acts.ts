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
  /** Transactions that the journal holds to be open on a device. */
  journalledOpen: (device: string) => readonly number[]
  clock: Clock
  /** How long a till waits for an answer; 10 s where left out. */
  deadlineMs?: number
}

const DEADLINE_MS = 10_000
/** A device that is busy with others is asked for so long; who waited for longer in its queue is not put into it again. */
const BUSY_MS = 5000
const BUSY_WAIT_MS = 100
/** A request that the device demonstrably never got is sent once more. */
const TRIES = 2
const AWAY_CODES = new Set(['unavailable', 'timeout', 'garbled', 'busy', 'clock_suspect'])
/** It answers, and is not the unit that was told to act. */
const OTHER_UNIT = new Set(['foreign', 'retired'])

const unanswering = { code: 'unavailable', message: 'The TSE does not answer.' }

/** Does the acts of this law on a TSE and finds out what an interrupted one did. Appends nothing. */
export class TseActs {
  readonly #options: TseActsOptions
  readonly #proof = new SignatureProof()
  /** Started in this process and perhaps not yet journalled, by device: not to be taken for a lost start. */
  readonly #returned = new Map<string, Set<number>>()
  /** Starts that the device has not answered, by device and client: what it names open may be theirs. */
  readonly #starting = new Map<string, Set<Promise<TseSignature>>>()
  /** What was tried to have the device tell of an act, until it has told. */
  readonly #unknowns = new Map<string, UnknownOutcome>()

  constructor(options: TseActsOptions) {
    this.#options = options
  }

  /** Without a `request` nobody waits: a device that is silent is not waited for. */
  async perform(act: TseAct, request: Request = UNASKED): Promise<Outcome> {
    const device = this.#options.tseOf(act.device)
    if (device === undefined) return noSuchDevice(act)
    const { clock, deadlineMs = DEADLINE_MS } = this.#options
    const helpedUntilNs =
      request === UNASKED ? clock.mono() + (BigInt(deadlineMs) * 1_000_000n) / 2n : request.waitUntilNs
    const doing: Doing = { act, request, helpedUntilNs, silences: 0, isBegun: false }
    const outcome = await this.#tried(device, doing)
    // (De)registering a client may be repeated without harm: while the device is away it stays to be done. A register that
    // was not taken out yet goes on selling.
    const staysToBeDone = act.name === 'register_client' || (act.name === 'deregister_client' && doing.isBegun)
    const isAway = outcome.kind === 'failed' && AWAY_CODES.has(outcome.code)
    return isAway && outcome.kind === 'failed' && staysToBeDone ? { ...outcome, kind: 'unknown' } : outcome
  }

  /** What the device did not do is tried once more. One that answers each question and does nothing is out all the same. */
  async #tried(device: Usable<Tse>, doing: Doing): Promise<Outcome> {
    for (let tries = 1; ; ) {
      const { outcome, error } = await this.#attempt(device, doing)
      if (outcome.kind !== 'absent' || error === undefined) return outcome
      const trouble = doing.request.obstacle()
      if (trouble !== undefined) return { kind: 'failed', ...trouble }
      // Back within its window: that says nothing against it.
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

  /** One try; `absent` when the device did nothing and may be asked again, with what it answered. */
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

  /** Why the act cannot be begun, after the wait for a device that has just fallen silent. */
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

  /** Whether the end of a transaction, as its device keeps it, was signed with that key. */
  holds(clientId: string, finish: NonNullable<TseRecall['finish']>, identity: TseIdentity): Promise<boolean> {
    const { processType, processData, transaction } = finish
    return this.#proof.holds({ operation: 'Finish', clientId, processType, processData, transaction }, finish, identity)
  }

  /** Asks the device; never acts. `unknown` where it cannot be asked: another unit knows nothing of this one's acts. */
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

  /** `untilNs`: a customer waits, and the device is helped to answer until then alone. Throws what it answers instead. */
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

  /** What a device does not tell if it is asked as usual it may tell in another way. */
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

  /** The newest log that the unit names counts if its signature holds over what was sent: that proves all of it. */
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
    // Given up because the agent stops: the intent stays open and is settled after the next start.
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
    // Settled by an answer: the device lives and lost one reply. Not settled: an outage until the probe is answered.
    if (outcome.kind === 'unknown' || error.code === 'certificate_expired') device.report(error)
    return outcome
  }

  /** The line broke: the device has its window to come back. What it may have done it is asked then, and not before. */
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

  /** It did not come back in time. What was found in its place, as another unit is, says more. */
  #lost(device: Usable<Tse>, error: DeviceError): Outcome {
    const { code, message } = device.trouble ?? error
    return { kind: error.effect === 'none' ? 'failed' : 'unknown', code, message }
  }

  /** Another program, or a memory that was lost, made the unit forget a register that sells with it: it is told again. */
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
    // Asked before the act: what does not answer then has done nothing.
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

  /** A number in the device's open list that the journal does not know and nobody was given is this start's. */
  async #askStart(device: Usable<Tse>, act: StartAct, climbing: Climb): Promise<Outcome> {
    const { unit: tse, identity: known } = device
    const open = await climb(tse, climbing, () => tse.openTransactions(act.client))
    const returned = this.#returnedBy(act.device)
    let journalled = new Set(this.#options.journalledOpen(act.device))
    const isKnown = (transaction: number): boolean => returned.has(transaction) || journalled.has(transaction)
    if (!open.every(isKnown)) {
      // The answer of another start may be on its way: it comes first.
      await Promise.allSettled(this.#startingBy(act.device, act.client))
      journalled = new Set(this.#options.journalledOpen(act.device))
    }
    for (const transaction of open) {
      if (isKnown(transaction)) continue
      // Taken before the device is asked on: another lost start may be settled at the same time.
      returned.add(transaction)
      let found: Started | undefined
      try {
        const start = await this.#recalledStart(tse, transaction, act, climbing)
        const identity = known ?? (await tse.identity())
        if (start !== undefined && !(await this.#proof.holds({ ...askedStart(act), transaction }, start, identity)))
          return signedWrongly(device, transaction)
        found = start && startedBy(start, identity)
      } finally {
        // Whatever failed on the way: the next question must find it.
        if (found === undefined) returned.delete(transaction)
      }
      if (found !== undefined) return { kind: 'done', result: found }
    }
    return { kind: 'absent' }
  }

  async #recalledStart(tse: Tse, transaction: number, act: StartAct, climbing: Climb): Promise<TseLog | undefined> {
    const recalled = await climb(tse, climbing, () => tse.recall(transaction, act.client))
    // It may be this very start: done again, one of the two would stay open.
    if (recalled === undefined)
      throw new DeviceError(
        'garbled',
        'unknown',
        `The TSE names transaction ${transaction} open and tells nothing of it.`,
      )
    // Finished and journalled as such since the device told what is open: it is another's, and nobody finishes a lost one.
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

  /** Still open: not executed. Else its log tells what was signed, and that must be what was sent. */
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
