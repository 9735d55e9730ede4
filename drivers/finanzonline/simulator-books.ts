import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { replaceFile } from '../../base/durable-file.ts'
import type { AuthorityMode } from '../ports/authority.ts'

export type UnitState = {
  state: 'IN_BETRIEB' | 'AUSFALL' | 'ENDED'
  registeredAt: number
  changedAt: number
  /** Its provider, as it was registered. */
  vda: string
  /** Base64 of DER, if it is known. */
  certificate?: string
  /** A question sees what was before until that time; nothing if it was not registered. */
  visibleAt?: number
  before?: { state: string; changedAt: number }
  /** Its outages, as they were reported. */
  outages?: { from: number; to?: number }[]
}
export type RegisterState = Omit<UnitState, 'state' | 'vda' | 'certificate'> & {
  state: 'REGISTRIERT' | 'IN_BETRIEB' | 'AUSFALL' | 'ENDED'
  /** Base64, as it was registered. */
  aesKey: string
  isStartChecked: boolean
}

/** Its outages, and one that begins then. */
export function outagesWith(
  { outages = [] }: Pick<UnitState, 'outages'>,
  from: number,
): { from: number; to?: number }[] {
  return [...outages, { from }]
}

/** The books of the office about one participant in one mode. */
export type Book = { units: Record<string, UnitState>; registers: Record<string, RegisterState> }

/** A line of the record that the simulator alone writes. */
export type Recorded =
  | {
      readonly what: 'accepted'
      readonly at: string
      readonly mode: AuthorityMode
      /** Its last three characters. */
      readonly participant: string
      readonly operation: string
      /** Number of the certificate, or Kassen-ID. */
      readonly subject: string
      /** Undefined for what was keyed in at the portal. */
      readonly packet: number | undefined
      readonly requestId: string | undefined
    }
  | {
      /** An act that no client may do. */
      readonly what: 'forbidden'
      readonly at: string
      readonly rule: 'not_asked' | 'packet_twice' | 'refused_secrets_again'
      readonly operation: string
      readonly subject: string
    }

type Stored = { books: Record<string, Book>; wrongPins: Record<string, number> }

const STATE = 'state.json'
const RECORD = 'record.jsonl'

/** The state of the service, complete on the disk before each answer. */
export class Books {
  readonly #directory: string
  readonly #stored: Stored

  constructor(directory: string) {
    this.#directory = directory
    const path = join(directory, STATE)
    this.#stored = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Stored) : { books: {}, wrongPins: {} }
  }

  of(participant: string, mode: AuthorityMode): Book {
    const key = `${participant}/${mode}`
    this.#stored.books[key] ??= { units: {}, registers: {} }
    return this.#stored.books[key]
  }

  /** Refused logins in a row. */
  wrongPins(user: string): number {
    return this.#stored.wrongPins[user] ?? 0
  }

  setWrongPins(user: string, count: number): void {
    if (this.wrongPins(user) === count) return
    this.#stored.wrongPins[user] = count
    this.save()
  }

  save(): void {
    replaceFile(join(this.#directory, STATE), JSON.stringify(this.#stored))
  }

  note(line: Recorded): void {
    appendFileSync(join(this.#directory, RECORD), `${JSON.stringify(line)}\n`, { mode: 0o600, flush: true })
  }

  record(): readonly Recorded[] {
    const path = join(this.#directory, RECORD)
    if (!existsSync(path)) return []
    const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean)
    return lines.map((line) => JSON.parse(line) as Recorded)
  }
}
