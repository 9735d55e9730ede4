import { four } from '../rt/document-number.ts'
import type { Conditions } from '../rt/simulated-conditions.ts'
import type { OpenDocument } from '../rt/simulated-document.ts'
import type { MemoryRecord, PrintedRecord, SimulatedMemory } from '../rt/simulated-memory.ts'
import { nine, REFUSED_VALUE } from './simulator-fields.ts'
import type { CustomSwitches } from './simulator-generation.ts'
import { isLater } from './simulator-generation.ts'

type View = {
  memory: SimulatedMemory
  conditions: Conditions
  switches: CustomSwitches
  /** `YYYY-MM-DDTHH:MM:SS`. */
  now: string
  serial: string
  /** Number of the last refusal. */
  error: number
  /** Step of a document, as in 1012. */
  step: string
  open: OpenDocument | undefined
  isSlip: boolean
}

/** The data of the reply to `command`; undefined if it is not an enquiry. */
export function enquire(command: string, data: string, view: View): string | undefined {
  if (OF_LATER.has(command) && !isLater(view.switches)) return REFUSED_VALUE
  return Object.hasOwn(answers, command) ? answers[command]?.(view, data) : undefined
}

const answers: Readonly<Record<string, (view: View, data: string) => string>> = {
  '1001': ({ now }) => minuteOf(now),
  '1003': (view) => totals(view),
  '1008': () => '0212345678',
  '1012': ({ step }) => step,
  '1015': ({ error }) => `ERR${String(error).padStart(3, '0')} ERRORE`,
  '1016': ({ open, isSlip }) => `${open ? 1 : 0}${isSlip ? 1 : 0}0`,
  '1017': ({ memory }) => lastReceipt(memory),
  '1021': ({ open }) => (open?.kind === 'return' ? '19' : '00'),
  '1104': ({ memory }) => `${four(memory.z)}0001`,
  '1105': ({ memory }) => String(total(memory.documents().filter(({ kind }) => kind === 'sale'))).padStart(10, '0'),
  '1106': ({ memory }) => secondOf(memory.records().findLast((record) => record.type === 'closure')?.at),
  '1107': ({ memory }) => secondOf(memory.documents().at(-1)?.at),
  '1109': ({ conditions }) => flags(conditions),
  '1115': ({ memory }) => dayCounters(memory),
  '1510': () => '1',
  '1511': (view, data) => (data === '1' ? state(view) : REFUSED_VALUE),
  '1513': () => '',
  '1514': ({ conditions: { pendingFiles, rejectedFiles } }, data) =>
    data === '0' ? `0${four(rejectedFiles)}${four(pendingFiles - rejectedFiles)}0000` : REFUSED_VALUE,
  '1515': (view, data) => fileState(view, data),
  '1529': ({ now }) => `00${minuteOf(now).slice(0, 6)}`,
}

/** Only generations 3 and 5 have these. */
const OF_LATER = new Set(['1017', '1021', '1107', '1529'])

export const ENQUIRIES = Object.keys(answers)

/** The fields of 15111 by their places; the rest of them is zeros. */
function state({ serial, conditions: { inService }, switches: { simulation, demo } }: View): string {
  const fields = [...`1${serial.padEnd(11)}${'0'.repeat(10)}`, ...'1111010126', ...'0'.repeat(20)]
  const places = { 32: Number(simulation), 33: Number(demo), 37: 1, 38: 1, 51: Number(!inService) }
  for (const [place, digit] of Object.entries(places)) fields[Number(place)] = String(digit)
  fields.splice(39, 12, ...'010126311230')
  return fields.join('')
}

/** Four sums that no test of ours needs, subtotal and rest of the open document, the last document and its type. */
function totals({ memory, open }: View): string {
  const sign = open?.kind === 'return' ? '-' : '+'
  const subtotal = open?.totalCents ?? 0
  const rest = Math.max(0, subtotal - (open?.paidCents ?? 0))
  // After a Z it names the last document of the period before until one is printed.
  const number = memory.number || (memory.documents().at(-1)?.number ?? 0)
  return `${'0'.repeat(36)}${sign}${nine(subtotal)}${sign}${nine(rest)}${four(number)}1`
}

/** The files of the last closures are unsent, the oldest of them failed: 0 sent, 1 failed, 2 no answer. */
function fileState({ memory, conditions: { pendingFiles, rejectedFiles } }: View, data: string): string {
  const closure = /^0(\d{4})0000$/.exec(data)?.[1]
  if (!memory.records().some((record) => record.type === 'closure' && four(record.z) === closure)) return REFUSED_VALUE
  const sent = memory.z - pendingFiles
  const z = Number(closure)
  return `${data}${z <= sent ? `0${String(z).padStart(20, '0')}` : z <= sent + rejectedFiles ? '1' : '2'}`
}

function lastReceipt(memory: SimulatedMemory): string {
  const last = memory.records().findLast(isReceipt)
  if (!last) return `${'0'.repeat(23)}00`
  const [number, cents] = [last.number ?? memory.number, last.type === 'document' ? last.totalCents : 0]
  const isSlip = last.type === 'slip'
  return `${minuteOf(last.at)}${four(number)}${nine(cents)}${isSlip ? 0 : 1}${last.type === 'aborted' ? 1 : 0}`
}

function isReceipt(record: MemoryRecord) {
  return record.type === 'document' || record.type === 'slip' || record.type === 'aborted'
}

/** The field keeps its width, however large the total of a day. */
const NINE_DIGITS = 1_000_000_000

/** Receipts, credit notes, aborted documents, sconti fondazione, voids, returns. */
function dayCounters(memory: SimulatedMemory): string {
  const ofDay = (kind: PrintedRecord['kind']) =>
    memory.documents().filter((record) => record.kind === kind && record.z === memory.z + 1)
  const aborted = memory.records().filter((record) => record.type === 'aborted' && record.z === memory.z + 1)
  const counted = (records: readonly PrintedRecord[]) => `${four(records.length)}${nine(total(records) % NINE_DIGITS)}`
  const without = (count: number) => `${four(count)}${nine(0)}`
  const back = [ofDay('void'), ofDay('return')].map(counted)
  return [counted(ofDay('sale')), without(0), without(aborted.length), without(0), ...back].join('')
}

function flags({ coverClosed, paper, memoryFull }: Conditions): string {
  return [!coverClosed, !paper, false, memoryFull, false].map(Number).join('')
}

function total(records: readonly PrintedRecord[]): number {
  return records.reduce((sum, { totalCents }) => sum + totalCents, 0)
}

/** `YYYY-MM-DDTHH:MM:SS` → DDMMYYHHmm. */
function minuteOf(at: string): string {
  return `${at.slice(8, 10)}${at.slice(5, 7)}${at.slice(2, 4)}${at.slice(11, 13)}${at.slice(14, 16)}`
}

/** A time with seconds, then four characters that the manual does not explain; zeros for never. */
function secondOf(at: string | undefined): string {
  return at === undefined ? '0'.repeat(16) : `${minuteOf(at)}${at.slice(17, 19)}0000`
}
