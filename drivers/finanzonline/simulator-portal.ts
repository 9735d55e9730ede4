import { parseRfc3339 } from '../../base/clock.ts'
import { invalidFault } from '../faults.ts'
import type { AuthorityMode } from '../ports/authority.ts'
import type { Book } from './simulator-books.ts'
import { outagesWith } from './simulator-books.ts'
import { normalSerial } from './simulator-receipt.ts'

type Keyed = { mode: AuthorityMode; operation: string; subject: string }

const WORDS =
  '"portal register-unit SERIAL VDA", "portal register KASSEN-ID AES-KEY", "portal outage unit|register NAME TIME" or "portal end unit|register NAME" was expected; T as the last word: in test mode'

/** An act of a person at the portal. Throws `refused`. */
export function keyedIn(line: string, nowMs: number, bookOf: (mode: AuthorityMode) => Book): Keyed {
  const words = line.trim().split(/\s+/).slice(1)
  const mode: AuthorityMode = words.at(-1) === 'T' ? 'T' : 'P'
  if (mode === 'T') words.pop()
  const book = bookOf(mode)
  const times = { registeredAt: nowMs, changedAt: nowMs }
  const [act, first = '', second = '', time = ''] = words
  if (act === 'register-unit' && second !== '') {
    const subject = normalSerial(first)
    book.units[subject] = { state: 'IN_BETRIEB', vda: second, ...times }
    return { mode, operation: 'registrierung_se', subject }
  }
  if (act === 'register' && second !== '') {
    book.registers[first] = { state: 'REGISTRIERT', aesKey: second, isStartChecked: false, ...times }
    return { mode, operation: 'registrierung_kasse', subject: first }
  }
  const isUnit = first === 'unit'
  const subject = isUnit ? normalSerial(second) : second
  const found = isUnit ? book.units[subject] : first === 'register' ? book.registers[subject] : undefined
  const operation = isUnit ? 'ausfall_se' : 'ausfall_kasse'
  const at = parseRfc3339(time)
  if (act === 'outage' && found !== undefined && at !== undefined) {
    Object.assign(found, { state: 'AUSFALL', changedAt: at, outages: outagesWith(found, at) })
    return { mode, operation, subject }
  }
  if (act === 'end' && found !== undefined) {
    Object.assign(found, { state: 'ENDED', changedAt: nowMs })
    return { mode, operation, subject }
  }
  throw invalidFault(line, WORDS)
}
