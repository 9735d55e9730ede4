import type { Language } from '../../contract/receipt.ts'
import { translated } from '../terminal/language.ts'
import { print, styled } from '../terminal/output.ts'
import type { Finding } from './finding.ts'

const MARKS = { ok: styled('green', '✔'), warning: styled('yellow', '!'), failure: styled('red', '✖') } as const
const CHECK_WIDTH = 21

/** Prints one line: the check, its result, and the remedy. */
export function showFinding({ check, state, message, remedy }: Finding, language: Language): void {
  const advice = remedy === undefined ? '' : styled('dim', ` → ${translated(remedy, language)}`)
  print(`${MARKS[state]} ${translated(check, language).padEnd(CHECK_WIDTH)} ${translated(message, language)}${advice}`)
}

/** The same for `journal verify`: which targets confirm the journal, and up to which event. */
export function showWitness({ check, state, message, remedy }: Finding): void {
  const who = check === 'witness' ? '' : `${check.replace(/^sync /, '')}: `
  const advice = remedy === undefined ? '' : styled('dim', ` → ${remedy}`)
  print(`${MARKS[state]} ${who}${message}${advice}`)
}
