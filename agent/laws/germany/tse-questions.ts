import type { Clock } from '../../../base/clock.ts'
import { DeviceError } from '../../../drivers/errors.ts'
import type { Climb } from '../../../drivers/ladder.ts'
import { climb, QuestionAttempts } from '../../../drivers/ladder.ts'
import type { Tse, TseLog } from '../../../drivers/ports/tse.ts'
import type { Usable } from '../../devices/usable.ts'
import type { SignatureProof } from './proof.ts'
import type { StartedTransactions } from './started-transactions.ts'
import type { ClientAct, FinishAct, StartAct, Started, TseAct, TseOutcome } from './tse-act.ts'
import {
  askedFinish,
  askedStart,
  finishedBy,
  noLog,
  noSuchDevice,
  outcomeKey,
  signedWrongly,
  startedBy,
  unknownAfter,
} from './tse-outcomes.ts'

export type TseQuestionsOptions = {
  tseOf: (device: string) => Usable<Tse> | undefined
  /** Transactions that are open on a device according to the journal. */
  journalledOpen: (device: string) => readonly number[]
  clock: Clock
  proof: SignatureProof
  started: StartedTransactions
}

/** The device answers, but is not the unit that the act names. */
const OTHER_UNIT = new Set(['foreign', 'retired'])

/**
 * Asks a TSE what became of an act whose reply was lost: in the same process after the error, or after a crash. Never
 * acts, and appends nothing to the journal.
 */
export class TseQuestions {
  readonly #options: TseQuestionsOptions
  /** Attempts to learn the outcome of an act from the device, until it is known. */
  readonly #attempts = new Map<string, QuestionAttempts>()

  constructor(options: TseQuestionsOptions) {
    this.#options = options
  }

  /**
   * `unknown` if the device cannot be asked: another unit has no record of this unit's acts. `untilNs`: a customer
   * waits, so the device is helped to answer only until then.
   */
  async askOutcome(act: TseAct, untilNs?: bigint): Promise<TseOutcome> {
    const device = this.#options.tseOf(act.device)
    if (device === undefined) return { ...noSuchDevice(act), kind: 'unknown' }
    const { trouble } = device
    if (trouble !== undefined && OTHER_UNIT.has(trouble.code)) return { kind: 'unknown', ...trouble }
    const attempts = this.attemptsFor(act)
    try {
      return await this.ask(device, act, attempts, untilNs)
    } catch (error) {
      return unknownAfter(error, attempts)
    }
  }

  /** As {@link askOutcome}, on a device that can be asked; throws its error otherwise. */
  async ask(
    device: Usable<Tse>,
    act: TseAct,
    attempts: QuestionAttempts,
    untilNs: bigint | undefined,
  ): Promise<TseOutcome> {
    const { clock } = this.#options
    const isOver = (): boolean => !device.usable || (untilNs !== undefined && clock.mono() >= untilNs)
    const outcome = await this.#askEitherWay(device, act, { attempts, atAct: untilNs !== undefined, isOver })
    if (outcome.kind !== 'unknown') this.#attempts.delete(outcomeKey(act))
    return outcome
  }

  /** The attempts so far to learn the outcome. */
  attemptsFor(act: TseAct): QuestionAttempts {
    const attempts = this.#attempts.get(outcomeKey(act)) ?? new QuestionAttempts(act.client)
    this.#attempts.set(outcomeKey(act), attempts)
    return attempts
  }

  /** If the usual query does not return the outcome, another way may. */
  async #askEitherWay(device: Usable<Tse>, act: TseAct, climbing: Climb): Promise<TseOutcome> {
    try {
      return await this.#askAsUsual(device, act, climbing)
    } catch (error) {
      if (!(error instanceof DeviceError) || climbing.atAct || climbing.isOver()) throw error
      if (!climbing.attempts.mayAskOtherwise(error)) throw error
      const outcome = await this.#askLastLog(device, act)
      if (outcome === undefined) throw error
      return outcome
    }
  }

  /** The newest log that the unit names counts if its signature is valid for the data that was sent. */
  async #askLastLog({ unit: tse, identity }: Usable<Tse>, act: TseAct): Promise<TseOutcome | undefined> {
    if ((act.name !== 'start' && act.name !== 'finish') || identity === undefined) return undefined
    const log = await tse.lastLog?.(act.name === 'finish' ? act.transaction : undefined, act.client).catch(noLog)
    if (log === undefined) return undefined
    const { transaction } = log
    if (act.name === 'finish') {
      if (!(await this.#options.proof.proves(askedFinish(act), log, identity))) return undefined
      this.#options.started.forget(act.device, transaction)
      return { kind: 'done', act: 'finish', result: finishedBy(log, identity) }
    }
    const returned = this.#options.started.returnedBy(act.device)
    if (returned.has(transaction) || this.#options.journalledOpen(act.device).includes(transaction)) return undefined
    if (!(await this.#options.proof.proves({ ...askedStart(act), transaction }, log, identity))) return undefined
    returned.set(transaction, true)
    return { kind: 'done', act: 'start', result: startedBy(log, identity) }
  }

  async #askAsUsual(device: Usable<Tse>, act: TseAct, climbing: Climb): Promise<TseOutcome> {
    if (act.name === 'start') return this.#askStart(device, act, climbing)
    if (act.name === 'finish') return this.#askFinish(device, act, climbing)
    return this.#askClient(device, act, climbing)
  }

  async #askClient({ unit: tse }: Usable<Tse>, act: ClientAct, climbing: Climb): Promise<TseOutcome> {
    const registered = (await climb(tse, climbing, () => tse.clients())).includes(act.client)
    if (registered !== (act.name === 'register_client')) return { kind: 'absent' }
    const { serial } = await climb(tse, climbing, () => tse.identity())
    return { kind: 'done', act: act.name, result: { serial } }
  }

  /**
   * A number in the device's open list that is neither in the journal nor returned to a caller belongs to this start.
   */
  async #askStart(device: Usable<Tse>, act: StartAct, climbing: Climb): Promise<TseOutcome> {
    const { unit: tse, identity: reported } = device
    const open = await climb(tse, climbing, () => tse.openTransactions(act.client))
    const returned = this.#options.started.returnedBy(act.device)
    let journalled = new Set(this.#options.journalledOpen(act.device))
    const isKnown = (transaction: number): boolean => returned.has(transaction) || journalled.has(transaction)
    if (!open.every(isKnown)) {
      // The answer of another start may arrive first: wait for it.
      await this.#options.started.allAnswered(act.device, act.client)
      journalled = new Set(this.#options.journalledOpen(act.device))
    }
    for (const transaction of open) {
      if (isKnown(transaction)) continue
      // Reserved before the next query: another lost start may be reconciled at the same time.
      returned.set(transaction, true)
      let started: Started | undefined
      try {
        const start = await this.#recalledStart(tse, transaction, act, climbing)
        const identity = reported ?? (await tse.identity())
        if (
          start !== undefined &&
          !(await this.#options.proof.holds({ ...askedStart(act), transaction }, start, identity))
        )
          return signedWrongly(device, transaction)
        started = start && startedBy(start, identity)
      } finally {
        // On any failure the next query must be able to find it.
        if (started === undefined) returned.delete(transaction)
      }
      if (started !== undefined) return { kind: 'done', act: 'start', result: started }
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

  /** Still open: not executed. Otherwise its log must have the data that was sent. */
  async #askFinish(device: Usable<Tse>, act: FinishAct, climbing: Climb): Promise<TseOutcome> {
    const { unit: tse, identity: reported } = device
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
    const identity = reported ?? (await climb(tse, climbing, () => tse.identity()))
    if (!(await this.#options.proof.holds(asked, finish, identity))) return signedWrongly(device, transaction)
    this.#options.started.forget(act.device, transaction)
    return { kind: 'done', act: 'finish', result: finishedBy(finish, identity) }
  }
}
