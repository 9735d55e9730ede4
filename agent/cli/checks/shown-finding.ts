import { print, styled } from '../terminal/output.ts'
import type { Finding } from './finding.ts'

const MARKS = { ok: styled('green', '✔'), warning: styled('yellow', '!'), failure: styled('red', '✖') } as const
const CHECK_WIDTH = 21

/** Prints one line: the check, its result, and the remedy. */
export function showFinding({ check, state, message, remedy }: Finding): void {
  const advice = remedy === undefined ? '' : styled('dim', ` → ${remedy}`)
  print(`${MARKS[state]} ${check.padEnd(CHECK_WIDTH)} ${message}${advice}`)
}

/** The same for `journal verify`: which targets confirm the journal, and up to which event. */
export function showWitness({ check, state, message, remedy }: Finding): void {
  const who = check === 'witness' ? '' : `${check.replace(/^sync /, '')}: `
  const advice = remedy === undefined ? '' : styled('dim', ` → ${remedy}`)
  print(`${MARKS[state]} ${who}${message}${advice}`)
}
