import type { RefusalClass } from './errors.ts'
import { DeviceError } from './errors.ts'
import type { Remedy } from './ports/remedy.ts'
import { classOf } from './refusal-class.ts'

/** A unit with remedies; see {@link Remedy}. Part of the port of a TSE. */
export type Helped = { remedy?(remedy: Remedy, client: string): Promise<boolean> }

type Rung = {
  readonly name: string
  /** The remedy before the question is repeated; none for the first rung. */
  readonly remedy: Remedy | undefined
  /** Refusal classes for which the rung is tried; undocumented refusals take all rungs. */
  readonly of: readonly RefusalClass[]
  /** True if the rung is allowed while a customer waits. */
  readonly atActs: boolean
  /** The login ends after the question. */
  readonly ends?: true
}

/** In this order. Logins, time and self-test write signed logs, so each rung is taken once per code. */
const RUNGS: readonly Rung[] = [
  { name: 'again', remedy: undefined, of: ['order', 'away', 'busy'], atActs: true },
  { name: 'release', remedy: 'release', of: ['order', 'export'], atActs: true },
  { name: 'time admin', remedy: 'log_in_time_admin', of: ['authentication', 'order'], atActs: true, ends: true },
  { name: 'admin', remedy: 'log_in_admin', of: ['authentication', 'order'], atActs: true, ends: true },
  { name: 'client', remedy: 'client', of: ['client', 'order'], atActs: true },
  { name: 'reopen', remedy: 'reopen', of: ['away', 'order'], atActs: false },
  { name: 'self-test', remedy: 'self_test', of: ['self_test', 'order'], atActs: false },
  { name: 'time', remedy: 'time', of: ['time', 'self_test', 'order'], atActs: false },
  {
    name: 'time admin after',
    remedy: 'log_in_time_admin',
    of: ['time', 'self_test', 'order'],
    atActs: false,
    ends: true,
  },
  { name: 'admin after', remedy: 'log_in_admin', of: ['time', 'self_test', 'order'], atActs: false, ends: true },
]
/** Limit for a device that gives a different refusal each time. */
const CLIMBS_MAX = 40

/**
 * An act with an unknown outcome. Remembers its taken rungs, so that a unit which always refuses gets no further logs
 * from them: afterwards only the question is repeated.
 */
export class QuestionAttempts {
  /** The client of the act. */
  readonly client: string
  readonly #taken = new Set<string>()
  /** Rungs that were not taken because no PIN was sent; they are possible after its file has changed. */
  readonly #barred = new Set<string>()
  #last = ''
  #climbs = 0
  #hindrance: DeviceError | undefined

  constructor(client: string) {
    this.client = client
  }

  /** The reason why a rung could not be taken, above all a PIN that must not be sent. */
  get hindrance(): DeviceError | undefined {
    return this.#hindrance
  }

  hinder(error: DeviceError): void {
    const isPin = classOf(error) === 'pin'
    if (this.#hindrance === undefined || isPin) this.#hindrance = error
    if (isPin) this.#barred.add(this.#last)
  }

  /** Starts a different question, or the same one later. */
  begin(): void {
    if (this.#barred.size === 0) return
    for (const key of this.#barred) this.#taken.delete(key)
    this.#climbs -= this.#barred.size
    this.#barred.clear()
    this.#hindrance = undefined
  }

  /** True the first time that a different question replaces the one refused with this code. */
  mayAskOtherwise(error: DeviceError): boolean {
    const key = `otherwise ${codeOf(error)}`
    if (this.#taken.has(key)) return false
    this.#taken.add(key)
    return true
  }

  /** The next rung after that refusal; undefined if none is left. */
  next(error: DeviceError, atAct: boolean): Rung | undefined {
    const of = classOf(error)
    const code = codeOf(error)
    const rung = RUNGS.find(
      (candidate) =>
        (!atAct || candidate.atActs) &&
        (of === 'unknown' || candidate.of.includes(of)) &&
        !this.#taken.has(`${candidate.name} ${code}`),
    )
    if (rung === undefined || this.#climbs >= CLIMBS_MAX) return undefined
    this.#climbs += 1
    this.#last = `${rung.name} ${code}`
    this.#taken.add(this.#last)
    return rung
  }
}

function codeOf({ deviceCode, code }: DeviceError): string {
  return deviceCode ?? code
}

/** `isOver`: no further rung is taken. */
export type Climb = { attempts: QuestionAttempts; atAct: boolean; isOver: () => boolean }

/** Asks until it gets an answer or no rung is left; then throws the last refusal. Never acts. */
export async function climb<T>(unit: Helped, climb: Climb, question: () => Promise<T>): Promise<T> {
  const { attempts, atAct, isOver } = climb
  attempts.begin()
  for (let answer = await asked(question); ; ) {
    if ('value' in answer) return answer.value
    const { thrown } = answer
    const rung = thrown instanceof DeviceError && !isOver() ? attempts.next(thrown, atAct) : undefined
    if (rung === undefined) throw thrown
    if (!(await take(unit, rung, attempts))) continue
    answer = await asked(question)
    if (rung.ends === true) await unit.remedy?.('log_out', attempts.client).catch(() => undefined)
  }
}

async function asked<T>(question: () => Promise<T>): Promise<{ value: T } | { thrown: unknown }> {
  try {
    return { value: await question() }
  } catch (thrown) {
    return { thrown }
  }
}

/** False if the unit has no such step, does not need it now, or refuses it. Throws if a different unit is connected. */
async function take(unit: Helped, { remedy }: Rung, attempts: QuestionAttempts): Promise<boolean> {
  if (remedy === undefined) return true
  try {
    return (await unit.remedy?.(remedy, attempts.client)) ?? false
  } catch (error) {
    if (!(error instanceof DeviceError) || error.code === 'foreign' || error.code === 'aborted') throw error
    attempts.hinder(error)
    return false
  }
}
