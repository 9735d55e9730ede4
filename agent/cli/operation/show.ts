import { localTime, parseRfc3339, SHOP_ZONE } from '../../../base/clock.ts'
import type { Common } from '../arguments/options.ts'
import { UsageError } from '../arguments/options.ts'
import { member } from '../daemon/admin-client.ts'
import { enterState } from '../owner/owner.ts'
import { print, printJson, styled } from '../terminal/output.ts'
import { operationNumbered, registerNamed, unknownOperation } from './find.ts'
import type { EventSource } from './source.ts'
import { fileSource, withJournal } from './source.ts'
import type { History, Step } from './steps.ts'
import { amountOf, historyOf, issuedWords, printedNumber } from './steps.ts'

type Showing = Common & { backup?: string }

/** Shows an operation by its id, or by its register and the number on paper. */
export async function showOperation({ config, json, backup }: Showing, names: readonly string[]): Promise<void> {
  const read = (source: EventSource): Promise<History> => wanted(source, names)
  const history =
    backup === undefined ? await withJournal(enterState(config).state, read) : await read(fileSource(backup))
  if (json) return printJson(asJson(history))
  for (const line of linesOf(history)) print(line)
}

async function wanted(source: EventSource, [first = '', number, ...more]: readonly string[]): Promise<History> {
  if (more.length > 0) throw new UsageError('Too many arguments: name an operation, or a register and a number.')
  const id = number === undefined ? first : await numbered(source, first, number)
  const history = await historyOf(source, id)
  if (history === undefined) throw unknownOperation(id)
  return history
}

async function numbered(source: EventSource, register: string, number: string): Promise<string> {
  return await operationNumbered(source, await registerNamed(source, register), number)
}

function asJson({ id, kind, shown, receiptNumber, steps }: History): object {
  const orNull = (name: string) => shown[name] ?? null
  return {
    ...{ id, type: kind, register_id: orNull('register_id'), receipt_number: receiptNumber ?? null },
    ...{ status: orNull('status'), fiscal: orNull('fiscal'), fiscal_information: orNull('fiscal_information') },
    ...{ issued_as: orNull('issued_as'), steps },
  }
}

function linesOf(history: History): string[] {
  const { id, shown } = history
  const title = [history.kind.replaceAll('_', ' '), amountOf(shown), shown['status']].filter(Boolean).join(', ')
  const lines = [`${styled('bold', id)}  ${title}`]
  const issued = typeof shown['issued_as'] === 'string' ? `issued: ${issuedWords(shown)}` : undefined
  const facts = [numberWords(history), fiscalWords(shown), issued, registerWords(shown)]
  lines.push(`  ${facts.filter((each) => each !== undefined).join(' · ')}`)
  let day = ''
  for (const step of history.steps) {
    const [date = '', time = ''] = timeOf(step).split('T')
    if (date !== day) lines.push(styled('dim', date))
    day = date
    lines.push(...stepLines(step, time))
  }
  return lines
}

function numberWords({ shown, receiptNumber }: History): string | undefined {
  const printed = printedNumber(shown['fiscal_information'])
  if (printed !== undefined) return `document ${printed}`
  return receiptNumber === undefined ? undefined : `receipt ${receiptNumber}`
}

const FISCAL: Readonly<Record<string, string>> = {
  pending: 'outcome not known yet',
  succeeded: 'recorded',
  failed: 'not signed',
  not_required: 'no record required',
}

function fiscalWords({ fiscal }: History['shown']): string | undefined {
  const state = member(fiscal, 'state')
  const notice = member(fiscal, 'receipt_text')
  const words = typeof state === 'string' ? (FISCAL[state] ?? state) : undefined
  return typeof notice === 'string' ? `${words}, "${notice}"` : words
}

function registerWords({ register_id: register }: History['shown']): string | undefined {
  return typeof register === 'string' ? register : undefined
}

/** Local time with milliseconds: the order of two steps in one second matters. */
function timeOf({ at }: Step): string {
  const ms = parseRfc3339(at)
  return ms === undefined ? at : `${localTime(ms, SHOP_ZONE)}.${at.slice(-4, -1)}`
}

/** As many facts on a line as a terminal of 80 columns has room for. */
const WIDTH = 66

function stepLines({ words, answer, event, outcome, seq }: Step, time: string): string[] {
  const [first = event, ...rest] = words
  const answered = answer === undefined || answer === 'early' ? [] : [`answered ${answer}`]
  const head = `${time}  ${outcome === 'failed' ? styled('red', first) : first}${styled('dim', `  (${seq})`)}`
  return [head, ...joined([...rest, ...answered]).map((line) => `${' '.repeat(time.length)}  ${line}`)]
}

function joined(facts: readonly string[]): string[] {
  const lines: string[] = []
  for (const fact of facts) {
    const last = lines.at(-1)
    const together = `${last} · ${fact}`
    if (last === undefined || together.length > WIDTH) lines.push(fact)
    else lines[lines.length - 1] = together
  }
  return lines
}
