import { four } from '../rt/document-number.ts'
import type { Conditions } from '../rt/simulated-conditions.ts'
import type { PrintedRecord, SimulatedMemory } from '../rt/simulated-memory.ts'
import { italianDay } from '../rt/simulated-paper.ts'
import { formatItalian } from './reply.ts'

/** Limit for files waiting for the tax office, beyond which documents are refused. */
export const PENDING_MAX = 25

/** Forms in which firmwares report their clock. */
export type ClockForm = 'slashes' | 'dashes' | 'compact' | 'minutes' | 'none'

type View = Omit<Conditions, 'rejectedFiles' | 'clockOffsetMs'> & {
  memory: SimulatedMemory
  /** `YYYY-MM-DDTHH:MM:SS`. */
  now: string
  /** Error, status, key and currency, as in `<</?s`. */
  state: string
  serial: string
  openCents: number
  clock: ClockForm
}

/** The data of the reply to `<</?x`; undefined for an unknown enquiry. */
export function enquire(enquiry: string, view: View): string | undefined {
  const answers: Readonly<Record<string, (view: View) => string>> = { ...counters, ...flags }
  return Object.hasOwn(answers, enquiry) ? `${enquiry.charAt(0)}${answers[enquiry]?.(view)}` : undefined
}

const counters: Readonly<Record<string, (view: View) => string>> = {
  s: ({ state, memory }) => `${state}${four(memory.number)}`,
  '7': ({ memory }) => String(memory.z),
  m: ({ serial }) => serial,
  N: ({ memory }) => String(memory.nonFiscal),
  '0': ({ memory }) => String(memory.restores),
  S: ({ openCents }) => String(openCents),
  d: ({ now, clock }) => clockText(now, clock),
  '1': ({ memory }) => total(memory, 'sale', true),
  r: ({ memory }) => total(memory, 'return', true),
  v: ({ memory }) => total(memory, 'void', true),
  '5': () => '0,00',
  '8': ({ memory }) => total(memory, 'sale', false),
}

const flags: Readonly<Record<string, (view: View) => string>> = {
  i: ({ memoryFull }) => (memoryFull ? '1' : '0'),
  'i/*2': () => '000000',
  'i/*3': ({ inService }) => (inService ? '111000' : '111010'),
  'i/*4': ({ paper, coverClosed }) => `${paper && coverClosed ? 0 : 1}${paper ? 0 : 1}00${coverClosed ? 0 : 1}0`,
  'i/*5': ({ pendingFiles }) => `0 ${String(pendingFiles).padStart(2)}/${PENDING_MAX}`,
  // The periodic check is in force; 1 in the second place is the simulation mode.
  'i/*7': ({ simulation }) => (simulation ? '01' : '00'),
  f: () => 'SIM 1.0',
  g: () => '90',
  D: () => '2026/01/01',
  n: () => '1',
  // The network is available: pending files are sent.
  e: () => '1',
}

export const ENQUIRIES = Object.keys({ ...counters, ...flags }).map((name) => `<</?${name}`)

function clockText(now: string, form: ClockForm): string {
  const [day, time] = [italianDay(now), now.slice(11)]
  switch (form) {
    case 'slashes':
      return `${day.replaceAll('-', '/')} ${time}`
    case 'dashes':
      return `${day} ${time} LUN`
    case 'compact':
      return `${day.slice(0, 2)}${day.slice(3, 5)}${day.slice(8)} ${time.replaceAll(':', '')}`
    case 'minutes':
      return `${day} ${time.slice(0, 5)}`
    case 'none':
      return `${now.slice(0, 10)}T${time}`
  }
}

function total(memory: SimulatedMemory, kind: PrintedRecord['kind'], isDay: boolean): string {
  const documents = memory.documents().filter((record) => record.kind === kind && (!isDay || record.z === memory.z + 1))
  return formatItalian(BigInt(documents.reduce((sum, { totalCents }) => sum + totalCents, 0)))
}
