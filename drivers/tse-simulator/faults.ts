import { DeviceError } from '../errors.ts'

const names = [
  'slow',
  'lost-answer',
  'lost-request',
  'busy',
  'unplugged',
  'memory-full',
  'clock-lost',
  'certificate-expired',
  'self-test-due',
  'wrong-signature',
  'power-cut',
  'garbled',
] as const

export type FaultName = (typeof names)[number]

/** The faults that strike one act. `slow` carries its milliseconds. */
export type Struck = { names: ReadonlySet<FaultName>; slowMs: number }

type Fault = { name: FaultName; slowMs: number; act: string; first: number; last: number; seen: number }

const pattern = /^([a-z_-]+)(?:=([^@]*))?@([A-Za-z]+|\*)(?:#(.+))?$/i
const faultsMax = 64
const slowMsMax = 3_600_000
const expected = `NAME[=ARG]@ACT[#WHICH] was expected: NAME one of ${names.join(', ')} (slow=MILLISECONDS); ACT the beginning of an act such as start, finish, export, or *; WHICH n, n+, n-m or *`

/** Which acts of a device fail, and how. Deterministic: acts are counted, nothing is drawn by lot. */
export class FaultPlan {
  #faults: Fault[] = []

  /** Adds a fault; it counts acts from now on. Throws `refused` for what is not of the grammar. */
  inject(text: string): void {
    const fault = parse(text)
    if (this.#faults.length >= faultsMax) throw refusal(text, `at most ${faultsMax} faults at a time`)
    this.#faults.push(fault)
  }

  clear(): void {
    this.#faults = []
  }

  /** Counts this act and tells what strikes it. Faults that can strike no more are forgotten. */
  strike(act: string): Struck {
    const struck = new Set<FaultName>()
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

const parse = (text: string): Fault => {
  const match = pattern.exec(text.trim())
  const name = names.find((candidate) => candidate === match?.[1]?.toLowerCase().replaceAll('_', '-'))
  const act = match?.[3]
  if (!name || !act) throw refusal(text, expected)
  const slowMs = readSlowMs(text, name, match[2])
  // A unit that is pulled stays out until it is put back.
  const [first, last] = readWhich(text, match[4] ?? (name === 'unplugged' ? '*' : '1'))
  return { name, slowMs, act: act.toLowerCase(), first, last, seen: 0 }
}

const readSlowMs = (text: string, name: FaultName, argument: string | undefined): number => {
  if (name === 'slow' && /^\d{1,7}$/.test(argument ?? '') && Number(argument) <= slowMsMax) return Number(argument)
  if (name === 'slow' || argument !== undefined) throw refusal(text, expected)
  return 0
}

const readWhich = (text: string, which: string): readonly [number, number] => {
  if (which === '*') return [1, Infinity]
  const match = /^([1-9]\d{0,8})(?:(\+)|-([1-9]\d{0,8}))?$/.exec(which)
  if (!match) throw refusal(text, expected)
  const first = Number(match[1])
  const last = match[2] ? Infinity : Number(match[3] ?? first)
  if (last < first) throw refusal(text, expected)
  return [first, last]
}

const refusal = (text: string, reason: string): DeviceError =>
  new DeviceError('refused', 'none', `fault "${text.slice(0, 100)}": ${reason}`)
