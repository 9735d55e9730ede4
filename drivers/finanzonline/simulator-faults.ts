import { CountedFaults, demandAct, FAULTS_MAX, invalidFault, readWhich } from '../faults.ts'
import { OPERATIONS } from './simulator-schema.ts'

/** Faults without an argument, and those with milliseconds or a number of calls. */
const PLAIN = [
  'lost-answer',
  'lost-request',
  'http500',
  'html',
  'truncated',
  'reset',
  'session-gone',
  'no-effect',
  'b38',
  'other-prefix',
  'locked',
  'no-right',
  'wrong-state',
  'other-packet',
  'redirect',
  'doctype',
  'too-large',
] as const
const COUNTED = ['silence', 'maintenance', 'technical', 'late'] as const

export type FaultName = (typeof PLAIN)[number] | (typeof COUNTED)[number]

/** `maintenance` and `technical` last for so many calls of any operation; the others strike one call. */
const STANDING = ['maintenance', 'technical'] as const

/** The faults of one call; `ms` of `silence` and of `late`. */
export type Struck = { names: ReadonlySet<FaultName>; silenceMs: number; lateMs: number }

const PATTERN = /^([a-z0-9-]+)(?:=(\d{1,9}))?@([a-z_]+|\*)(?:#(.+))?$/

/** Faults by operation and occurrence: `lost-answer@registrierung_kasse#2`. */
export class ServiceFaults {
  readonly #faults = new CountedFaults<FaultName>()
  readonly #standing = new Map<(typeof STANDING)[number], number>()

  /** Throws `refused`. */
  inject(text: string): void {
    const [, word = '', argument, act = '', which = '1'] = PATTERN.exec(text.trim().toLowerCase()) ?? []
    const name = [...PLAIN, ...COUNTED].find((candidate) => candidate === word)
    const needs = COUNTED.some((candidate) => candidate === name)
    const range = readWhich(which)
    if (name === undefined || range === undefined || needs !== (argument !== undefined))
      throw invalidFault(text, words())
    demandAct(text, act, OPERATIONS)
    if (this.#faults.isFull) throw invalidFault(text, `at most ${FAULTS_MAX} faults at a time`)
    this.#faults.add({ name, argument: argument ?? '', act, first: range[0], last: range[1] })
  }

  clear(): void {
    this.#faults.clear()
    this.#standing.clear()
  }

  strike(operation: string): Struck {
    const struck = this.#faults.strike(operation)
    const names = new Set(struck.map(({ name }) => name))
    for (const name of STANDING) {
      const begun = struck.find((fault) => fault.name === name)
      const left = begun === undefined ? (this.#standing.get(name) ?? 0) : Number(begun.argument)
      if (left > 0) names.add(name)
      this.#standing.set(name, Math.max(0, left - 1))
    }
    const msOf = (name: FaultName) => Number(struck.find((fault) => fault.name === name)?.argument ?? 0)
    return { names, silenceMs: msOf('silence'), lateMs: msOf('late') }
  }
}

function words(): string {
  return `NAME[=ARG]@OPERATION[#WHICH] was expected: NAME one of ${PLAIN.join(', ')}, or ${COUNTED.join(', ')} with a number; OPERATION the beginning of one such as login, status_see or registrierung_kasse, or *; WHICH n, n+, n-m or *`
}
