import type { DeviceError } from '../errors.ts'
import { CountedFaults, FAULTS_MAX, invalidFault, readWhich } from '../faults.ts'

/** Faults that apply to one command: the names with their arguments ('' if omitted). */
type StruckCommand<Name extends string> = ReadonlyMap<Name, string>

const PATTERN = /^([a-z-]+)(?:=([A-Za-z0-9]{1,16}))?@([^#]{1,40})(?:#(.+))?$/

/**
 * Faults of a simulated printer, `NAME[=ARG]@ACT[#WHICH]`: ACT is a prefix of a command in the device's own words
 * (`=T`, `<</?s`, `*`), WHICH is `n`, `n+`, `n-m` or `*` (default 1).
 */
export class CommandFaults<Name extends string> {
  readonly #names: readonly Name[]
  readonly #commands: readonly string[]
  readonly #faults = new CountedFaults<Name>()

  /** `commands`: how each command of the device begins. */
  constructor(names: readonly Name[], commands: readonly string[]) {
    this.#names = names
    this.#commands = commands
  }

  /** Starts to count commands now. Throws `refused` for a text outside the grammar. */
  inject(text: string): void {
    const match = PATTERN.exec(text.trim())
    const name = this.#names.find((candidate) => candidate === match?.[1])
    const which = readWhich(match?.[4] ?? '1')
    if (!match?.[3] || !name || !which || this.#faults.isFull) throw this.#refusal(text)
    const [, , argument = '', act] = match
    // A fault may name a command with the beginning of its data.
    if (act !== '*' && !this.#commands.some((command) => command.startsWith(act) || act.startsWith(command)))
      throw invalidFault(text, `no command begins with ${act}; there are ${this.#commands.join(' ')}`)
    this.#faults.add({ name, argument, act, first: which[0], last: which[1] })
  }

  clear(): void {
    this.#faults.clear()
  }

  strike(act: string): StruckCommand<Name> {
    return new Map(this.#faults.strike(act).map(({ name, argument }) => [name, argument]))
  }

  #refusal(text: string): DeviceError {
    const words = `NAME[=ARG]@ACT[#WHICH] was expected, at most ${FAULTS_MAX}: NAME one of ${this.#names.join(', ')}`
    return invalidFault(text, words)
  }
}
