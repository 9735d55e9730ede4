import { join } from 'node:path'
import type { ShiftStep, Signed } from '../../laws/demo-shift.ts'
import { at } from '../../laws/demo-shift.ts'
import { print, styled } from '../terminal/output.ts'
import type { Shop } from './shop.ts'

const WIDTH = 78
const RECEIPT_WIDTH = 42
const MAIL_LINE = /\S.{0,68}(?=\s|$)/g
/** Characters a line of an RT printer. */
const PAPER_WIDTH = 48

export function showHead(title: string, url: string, folder: string): void {
  print()
  print(styled('bold', `  ${title}`))
  print(`  ${styled('dim', '─'.repeat(WIDTH - 4))}`)
  print(`  ${styled('dim', 'agent')}   ${url}`)
  print(`  ${styled('dim', 'folder')}  ${folder}`)
}

export function showStep({ title, amount, notes }: ShiftStep, signed: Signed | undefined): void {
  print()
  print(`  ${styled('green', '✔')} ${title.padEnd(WIDTH - 18)} ${styled('bold', amount.padStart(12))}`)
  for (const note of notes) print(`      ${note}`)
  if (signed === undefined) return
  print(styled('dim', `      ${signed.label}  ${signed.facts}`))
  print(styled('cyan', `              ${signed.content}`))
}

export function showSection(title: string): void {
  print()
  print(`  ${styled('bold', title)}`)
}

export function showDone(what: string, outcome: string): void {
  print(`  ${styled('green', '✔')} ${what.padEnd(16)} ${styled('dim', outcome)}`)
}

/** Lines below an outcome. */
export function showLines(lines: readonly string[]): void {
  for (const line of lines) print(styled('dim', `      ${line}`))
}

export function showReceipt(text: string): void {
  showFramed(text.trimEnd().split('\n'), RECEIPT_WIDTH)
}

/** Shows the lines of a mail. */
export function showMail(lines: readonly string[]): void {
  print()
  for (const line of lines.flatMap(wrapped)) print(`      ${styled('dim', '│')} ${line}`)
  print()
}

/** Breaks a line between words. */
function wrapped(line: string): string[] {
  return line.match(MAIL_LINE) ?? ['']
}

/** Shows a slip as it was printed. */
export function showPaper(lines: readonly string[]): void {
  showFramed(lines, PAPER_WIDTH)
}

function showFramed(lines: readonly string[], width: number): void {
  print()
  const edge = (left: string, right: string): string => `      ${styled('dim', left + '─'.repeat(width + 2) + right)}`
  print(edge('┌', '┐'))
  for (const line of lines) print(`      ${styled('dim', '│')} ${line.padEnd(width)} ${styled('dim', '│')}`)
  print(edge('└', '┘'))
}

/** Shows the folders that remain after the demo. */
export function showFolder(folder: string): void {
  print(`  ${styled('dim', 'receipts    ')}  ${join(folder, 'receipts')}`)
  print(`  ${styled('dim', 'exports     ')}  ${join(folder, 'exports')}`)
  print(`  ${styled('dim', 'The folder stays until you delete it.')}`)
}

/** Shows that the examples of the reference can be repeated. */
export function showDay(steps: number): void {
  if (steps === 0) return
  showSection('The examples of the reference')
  showDone('Played', `${steps} requests; send any of them again: /docs/postman.json`)
}

/** Shows address and keys for trying the running agent. */
export function showAgent(url: string, key: string, shop: Shop, isOpen: boolean): void {
  print(`  ${styled('dim', 'address     ')}  ${url}   ${styled('dim', `reference: ${url}/docs`)}`)
  print(
    `  ${styled('dim', '            ')}  ${styled('dim', 'in a browser, with one of the keys: the shop at a glance')}`,
  )
  const session = isOpen ? 'its session is open: it sells at once' : 'begin with a session_open'
  print(`  ${styled('dim', 'register    ')}  ${at(shop.register, 'id')}   ${styled('dim', session)}`)
  print(`  ${styled('dim', 'platform key')}  ${key}`)
  print(`  ${styled('dim', 'register key')}  ${shop.registerKey}`)
}
