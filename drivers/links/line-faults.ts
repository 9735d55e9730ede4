import { DeviceError } from '../errors.ts'
import { readWhich } from '../faults.ts'

/** What strikes one command: the names with their arguments ('' where none was given). */
export type StruckLine<Name extends string> = ReadonlyMap<Name, string>

type Fault<Name extends string> = {
  name: Name
  argument: string
  act: string
  first: number
  last: number
  seen: number
}

const pattern = /^([a-z-]+)(?:=([A-Za-z0-9]{1,16}))?@([^#]{1,40})(?:#(.+))?$/
const faultsMax = 64

/**
 * Faults of a simulated line, `NAME[=ARG]@ACT[#WHICH]`: ACT is the beginning of a command in the device's own words
 * (`=T`, `<</?s`, `*`), WHICH `n`, `n+`, `n-m` or `*` (1 where not told). Deterministic: commands are counted.
 */
export class LineFaults<Name extends string> {
  readonly #names: readonly Name[]
  #faults: Fault<Name>[] = []

  constructor(names: readonly Name[]) {
    this.#names = names
  }

  /** Counts commands from now on. Throws `refused` for what is not of the grammar. */
  inject(text: string): void {
    const match = pattern.exec(text.trim())
    const name = this.#names.find((candidate) => candidate === match?.[1])
    const which = readWhich(match?.[4] ?? '1')
    if (!match?.[3] || !name || !which || this.#faults.length >= faultsMax) throw this.#refusal(text)
    this.#faults.push({ name, argument: match[2] ?? '', act: match[3], first: which[0], last: which[1], seen: 0 })
  }

  clear(): void {
    this.#faults = []
  }

  strike(act: string): StruckLine<Name> {
    const struck = new Map<Name, string>()
    for (const fault of this.#faults) {
      if (fault.act !== '*' && !act.startsWith(fault.act)) continue
      fault.seen += 1
      if (fault.seen >= fault.first && fault.seen <= fault.last) struck.set(fault.name, fault.argument)
    }
    this.#faults = this.#faults.filter((fault) => fault.seen < fault.last)
    return struck
  }

  #refusal(text: string): DeviceError {
    const words = `NAME[=ARG]@ACT[#WHICH] was expected, at most ${faultsMax}: NAME one of ${this.#names.join(', ')}`
    return new DeviceError('refused', 'none', `fault "${text.slice(0, 100)}": ${words}`)
  }
}
