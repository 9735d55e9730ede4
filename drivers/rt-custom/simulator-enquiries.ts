import { four } from '../rt/document-number.ts'
import type { Conditions } from '../rt/simulated-conditions.ts'
import type { PrintedRecord, SimulatedMemory } from '../rt/simulated-memory.ts'

type View = {
  memory: SimulatedMemory
  conditions: Conditions
  /** `YYYY-MM-DDTHH:MM:SS`. */
  now: string
  serial: string
  /** Number of the last refusal, two digits. */
  error: string
  /** Step of a document, as in 1012. */
  step: string
  open: 'document' | 'slip' | undefined
  /** Undefined if a document was printed after the last slip. */
  lastSlipAt: string | undefined
}

/** The data of the reply to `command`; undefined if it is not an enquiry. */
export function enquire(command: string, data: string, view: View): string | undefined {
  return Object.hasOwn(answers, command) ? answers[command]?.(view, data) : undefined
}

const answers: Readonly<Record<string, (view: View, data: string) => string>> = {
  '1001': ({ now }) => digitsOf(now),
  '1008': ({ serial }) => serial,
  '1012': ({ step }) => step,
  '1015': ({ error }) => error,
  '1016': ({ open }) => `${open === 'document' ? 1 : 0}${open === 'slip' ? 1 : 0}0`,
  '1017': (view) => lastReceipt(view),
  '1104': ({ memory }) => `${four(memory.z)}0001`,
  '1105': ({ memory }) => String(total(memory.documents().filter(({ kind }) => kind === 'sale'))),
  '1106': ({ memory }) => minuteOf(memory.records().findLast((record) => record.type === 'closure')?.at),
  '1107': ({ memory }) => minuteOf(memory.documents().at(-1)?.at),
  '1109': ({ conditions }) => flags(conditions),
  '1115': ({ memory }) => dayCounters(memory),
  '1514': ({ conditions: { pendingFiles, rejectedFiles } }) =>
    `${four(rejectedFiles)}${four(pendingFiles - rejectedFiles)}0000`,
  '1515': (view, data) => fileState(view, data),
}

export const ENQUIRIES = Object.keys(answers)

/** The files of the last closures are pending, the oldest of them rejected: 0 sent, 1 pending, 2 rejected. */
function fileState({ memory, conditions: { pendingFiles, rejectedFiles } }: View, data: string): string {
  if (!memory.records().some((record) => record.type === 'closure' && four(record.z) === data)) return 'ERR03'
  const sent = memory.z - pendingFiles
  const z = Number(data)
  return `${data}${z <= sent ? 0 : z <= sent + rejectedFiles ? 2 : 1}`
}

function lastReceipt({ memory, lastSlipAt }: View): string {
  const last = memory.documents().at(-1)
  if (lastSlipAt !== undefined) return `${minuteOf(lastSlipAt)}${four(memory.nonFiscal)}${'0'.repeat(9)}00`
  if (!last) return `${'0'.repeat(23)}00`
  return `${minuteOf(last.at)}${four(last.number)}${String(last.totalCents).padStart(9, '0')}10`
}

/** The field keeps its width, however large the total of a day. */
const NINE_DIGITS = 1_000_000_000

function dayCounters(memory: SimulatedMemory): string {
  const ofDay = (kind: PrintedRecord['kind']) =>
    memory.documents().filter((record) => record.kind === kind && record.z === memory.z + 1)
  const counted = (records: readonly PrintedRecord[]) =>
    `${four(records.length)}${String(total(records) % NINE_DIGITS).padStart(9, '0')}`
  return [ofDay('sale'), [], [], ofDay('void'), ofDay('return')].map(counted).join('')
}

function flags({ coverClosed, paper, memoryFull }: Conditions): string {
  return [!coverClosed, !paper, false, memoryFull, false].map(Number).join('')
}

function total(records: readonly PrintedRecord[]): number {
  return records.reduce((sum, { totalCents }) => sum + totalCents, 0)
}

/** `YYYY-MM-DDTHH:MM:SS` → DDMMYYHHmmSS. */
function digitsOf(at: string): string {
  return `${at.slice(8, 10)}${at.slice(5, 7)}${at.slice(2, 4)}${at.slice(11, 13)}${at.slice(14, 16)}${at.slice(17, 19)}`
}

/** DDMMYYHHmm, zeros for never. */
function minuteOf(at: string | undefined): string {
  return at === undefined ? '0'.repeat(10) : digitsOf(at).slice(0, 10)
}
