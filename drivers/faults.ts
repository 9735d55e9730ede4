import { DeviceError } from './errors.ts'
import { faultTime, UNTIL_CLEAR } from './fault-times.ts'

/** A requested fault. `argument` is '' if omitted; `act` is a prefix of an act, or `*`. */
type Fault<Name extends string> = { name: Name; argument: string; act: string; first: number; last: number }

/** Limit for the number of faults: each act is compared with all of them. */
export const FAULTS_MAX = 64
const SLOW_MAX_MS = 3_600_000

/** Determines which acts fail, and how. Deterministic: acts are counted from the injection; nothing is random. */
export class CountedFaults<Name extends string> {
  #faults: (Fault<Name> & { seen: number })[] = []

  get isFull(): boolean {
    return this.#faults.length >= FAULTS_MAX
  }

  add(fault: Fault<Name>): void {
    this.#faults.push({ ...fault, seen: 0 })
  }

  clear(): void {
    this.#faults = []
  }

  /** True if the fault would apply to the next act of any kind. */
  isPending(name: Name): boolean {
    return this.#faults.some((fault) => fault.name === name && fault.act === '*' && fault.seen + 1 >= fault.first)
  }

  /** Counts this act and returns the faults that apply to it. Faults that cannot apply again are removed. */
  strike(act: string): readonly Fault<Name>[] {
    if (this.#faults.length === 0) return []
    const struck: Fault<Name>[] = []
    for (const fault of this.#faults) {
      if (fault.act !== '*' && !act.startsWith(fault.act)) continue
      fault.seen += 1
      if (fault.seen >= fault.first && fault.seen <= fault.last) struck.push(fault)
    }
    this.#faults = this.#faults.filter((fault) => fault.seen < fault.last)
    return struck
  }
}

/**
 * The unit is missing for some milliseconds: before an act reaches it, during the act, or after the act and before its
 * answer.
 */
export const blipFaults = ['blip-before', 'blip-in', 'blip-after'] as const

/**
 * The faults that apply to one act. `slow` and those of {@link blipFaults} have milliseconds, `error` and `error-done`
 * a code; '' if omitted.
 */
export type Struck<Name extends string> = { names: ReadonlySet<Name>; slowMs: number; blipMs: number; code: string }

/** The device refuses, or acts and answers the code anyway; default: a code that it never uses. */
const withCode: ReadonlySet<string> = new Set(['error', 'error-done'])

const PATTERN = /^([a-z_-]+)(?:=([^@]*))?@([A-Za-z0-9]+|\*)(?:#(.+))?$/i

/** Faults of a TSE or signature card, whose acts are those of its port: `lost-answer@finish#2`. */
export class FaultPlan<Name extends string> {
  readonly #names: readonly Name[]
  readonly #acts: readonly string[]
  readonly #faults = new CountedFaults<Name>()

  /** `names` are the faults that the device supports; `slow` and the blips among them have milliseconds. */
  constructor(names: readonly Name[], acts: readonly string[]) {
    this.#names = names
    this.#acts = acts
  }

  /** Adds a fault; it counts acts from now on. Throws `refused` for a text outside the grammar. */
  inject(text: string): void {
    const fault = parse(text, this.#names)
    demandAct(text, fault.act, this.#acts)
    if (this.#faults.isFull) throw invalidFault(text, `at most ${FAULTS_MAX} faults at a time`)
    this.#faults.add(fault)
  }

  clear(): void {
    this.#faults.clear()
  }

  /** True while the fault applies to every act, as `unplugged@*` does. */
  isPending(name: Name): boolean {
    return this.#faults.isPending(name)
  }

  strike(act: string): Struck<Name> {
    const struck = this.#faults.strike(act.toLowerCase())
    const slowMs = struck.reduce((sum, { name, argument }) => sum + (name === 'slow' ? Number(argument) : 0), 0)
    const blipMs = Math.max(0, ...struck.filter(({ name }) => isBlip(name)).map(({ argument }) => Number(argument)))
    const code = struck.find(({ name }) => withCode.has(name))?.argument ?? ''
    return { names: new Set(struck.map(({ name }) => name)), slowMs, blipMs, code }
  }
}

function isBlip(name: string): boolean {
  return (blipFaults as readonly string[]).includes(name)
}

/**
 * Among these names `slow` and the blips require an argument, and a code is optional. `unplugged` with a time is a blip
 * before the act; without one it strikes each act until the faults are cleared.
 */
function parse<Name extends string>(text: string, names: readonly Name[]): Fault<Name> {
  const match = PATTERN.exec(text.trim())
  const name = names.find((candidate) => candidate === match?.[1]?.toLowerCase().replaceAll('_', '-'))
  const [argument, act] = [match?.[2], match?.[3]]
  const stays = name !== undefined && faultTime(name, argument ?? '') === UNTIL_CLEAR
  const which = readWhich(match?.[4] ?? (stays ? '*' : '1'))
  const blip = names.find((candidate) => candidate === 'blip-before')
  const effectiveName = name === 'unplugged' && argument !== undefined ? blip : name
  if (!effectiveName || !act || !which || !isArgument(effectiveName, argument))
    throw invalidFault(text, expected(names))
  return { name: effectiveName, argument: argument ?? '', act: act.toLowerCase(), first: which[0], last: which[1] }
}

function isArgument(name: string, argument: string | undefined): boolean {
  if (withCode.has(name)) return argument === undefined || /^\w{1,80}$/.test(argument)
  if (name !== 'slow' && !isBlip(name)) return argument === undefined
  return /^\d{1,7}$/.test(argument ?? '') && Number(argument) <= SLOW_MAX_MS
}

/** First and last act of a fault: `n`, `n+`, `n-m` or `*`. */
export function readWhich(which: string): readonly [number, number] | undefined {
  if (which === '*') return [1, Infinity]
  const match = /^([1-9]\d{0,8})(?:(\+)|-([1-9]\d{0,8}))?$/.exec(which)
  if (!match) return undefined
  const first = Number(match[1])
  const last = match[2] ? Infinity : Number(match[3] ?? first)
  return last < first ? undefined : [first, last]
}

function expected(names: readonly string[]): string {
  return `NAME[=ARG]@ACT[#WHICH] was expected: NAME one of ${names.join(', ')} (slow and blips: =MILLISECONDS, unplugged: the same or until clear, error: =CODE); ACT the beginning of an act such as open, health, start or sign, or *; WHICH n, n+, n-m or *`
}

/** A fault at an act that does not exist would never strike. Throws `refused`. */
export function demandAct(text: string, act: string, acts: readonly string[]): void {
  if (act === '*' || acts.some((each) => each.toLowerCase().startsWith(act.toLowerCase()))) return
  throw invalidFault(text, `no act begins with ${act}; there are ${[...new Set(acts)].join(', ')}`)
}

export function invalidFault(text: string, reason: string): DeviceError {
  return new DeviceError('refused', 'none', `fault "${text.slice(0, 100)}": ${reason}`)
}
