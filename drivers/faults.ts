import { DeviceError } from './errors.ts'

/** The faults that strike one act. `slow` carries its milliseconds. */
export type Struck<Name extends string> = { names: ReadonlySet<Name>; slowMs: number }

type Fault<Name extends string> = { name: Name; slowMs: number; act: string; first: number; last: number; seen: number }

const unharmed: Struck<never> = { names: new Set(), slowMs: 0 }
const pattern = /^([a-z_-]+)(?:=([^@]*))?@([A-Za-z]+|\*)(?:#(.+))?$/i
const faultsMax = 64
const slowMsMax = 3_600_000

/** Which acts of a device fail, and how. Deterministic: acts are counted, nothing is drawn by lot. */
export class FaultPlan<Name extends string> {
  readonly #names: readonly Name[]
  #faults: Fault<Name>[] = []

  /** `names` are the faults that the device has; `slow` among them carries milliseconds. */
  constructor(names: readonly Name[]) {
    this.#names = names
  }

  /** Adds a fault; it counts acts from now on. Throws `refused` for what is not of the grammar. */
  inject(text: string): void {
    const fault = parse(text, this.#names)
    if (this.#faults.length >= faultsMax) throw refusal(text, `at most ${faultsMax} faults at a time`)
    this.#faults.push(fault)
  }

  clear(): void {
    this.#faults = []
  }

  /** Counts this act and tells what strikes it. Faults that can strike no more are forgotten. */
  strike(act: string): Struck<Name> {
    if (this.#faults.length === 0) return unharmed
    const struck = new Set<Name>()
    let slowMs = 0
    for (const fault of this.#faults) {
      if (fault.act !== '*' && !act.toLowerCase().startsWith(fault.act)) continue
      fault.seen += 1
      if (fault.seen < fault.first || fault.seen > fault.last) continue
      struck.add(fault.name)
      slowMs += fault.slowMs
    }
    this.#faults = this.#faults.filter((fault) => fault.seen < fault.last)
    return { names: struck, slowMs }
  }
}

const parse = <Name extends string>(text: string, names: readonly Name[]): Fault<Name> => {
  const match = pattern.exec(text.trim())
  const name = names.find((candidate) => candidate === match?.[1]?.toLowerCase().replaceAll('_', '-'))
  const slowMs = readSlowMs(name, match?.[2])
  // A unit that is pulled stays out until it is put back.
  const which = readWhich(match?.[4] ?? (name === 'unplugged' ? '*' : '1'))
  const act = match?.[3]
  if (!name || !act || slowMs === undefined || !which) throw refusal(text, expected(names))
  return { name, slowMs, act: act.toLowerCase(), first: which[0], last: which[1], seen: 0 }
}

const readSlowMs = (name: string | undefined, argument: string | undefined): number | undefined => {
  if (name !== 'slow') return argument === undefined ? 0 : undefined
  return /^\d{1,7}$/.test(argument ?? '') && Number(argument) <= slowMsMax ? Number(argument) : undefined
}

/** First and last of the acts that a fault strikes: `n`, `n+`, `n-m` or `*`. */
export const readWhich = (which: string): readonly [number, number] | undefined => {
  if (which === '*') return [1, Infinity]
  const match = /^([1-9]\d{0,8})(?:(\+)|-([1-9]\d{0,8}))?$/.exec(which)
  if (!match) return undefined
  const first = Number(match[1])
  const last = match[2] ? Infinity : Number(match[3] ?? first)
  return last < first ? undefined : [first, last]
}

const expected = (names: readonly string[]): string =>
  `NAME[=ARG]@ACT[#WHICH] was expected: NAME one of ${names.join(', ')} (slow=MILLISECONDS); ACT the beginning of an act such as open, health, start or sign, or *; WHICH n, n+, n-m or *`

const refusal = (text: string, reason: string): DeviceError =>
  new DeviceError('refused', 'none', `fault "${text.slice(0, 100)}": ${reason}`)
