import { isCalendarDate } from '../../base/clock.ts'

/** The printer's answers: an outcome `T F NNNN RR W x`, or an enquiry's letter and value (RCH driver sources). */

/** Document status: idle, lines, payments begun, alphanumeric input, waiting for `=c`. */
export type DocumentStatus = '00' | '01' | '02' | '03' | '04'

export type RchOutcome = {
  kind: 'outcome'
  done: boolean
  /** `N` none, `G` generic, `S` blocking, `P` paper end. */
  family: 'N' | 'G' | 'S' | 'P'
  /** As in the manuals: `EG0005`. */
  code: string
  status: DocumentStatus
  /** Another reply to the same packet follows. */
  more: boolean
}
export type RchReply = RchOutcome | { kind: 'value'; letter: string; value: string }

export function parseReply(data: string): RchReply | undefined {
  const match = /^([OE])([NGSP])(\d{4})(0[0-4])([01])\d$/.exec(data)
  if (match) {
    const [, type, family, number, status, more] = match
    return {
      kind: 'outcome',
      done: type === 'O',
      family: family as RchOutcome['family'],
      code: `${type}${family}${number}`,
      status: status as DocumentStatus,
      more: more === '1',
    }
  }
  return data === '' ? undefined : { kind: 'value', letter: data.charAt(0), value: data.slice(1) }
}

export function formatOutcome(code: string, status: string, more = false): string {
  return `${code}${status}${more ? 1 : 0}0`
}

export type RchState = { error: string; status: DocumentStatus; key: string; number: number }

/** `<</?s` without its letter: `EEEE RR K E NNNN`. */
export function parseState(value: string): RchState | undefined {
  const match = /^(\d{4})(0[0-4])([LRXZPS])E(\d{4})$/.exec(value)
  if (!match) return undefined
  const [, error = '', status, key = '', number] = match
  return { error, status: status as DocumentStatus, key, number: Number(number) }
}

/** `<</?i/*4`: digits, the second is paper and the fifth is the cover. */
export function parseFlags(value: string): { paperOut: boolean; coverOpen: boolean } {
  return {
    paperOut: value.charAt(1) === '1',
    coverOpen: value.charAt(4) === '1',
  }
}

/** Day and time as firmwares report them: `14/09/2026 10:00:00`, `21-09-2026 19:27 LUN`, `210926 190000`. */
const CLOCKS = [
  /^(\d\d)[/-](\d\d)[/-](\d{4})\s+(\d\d):(\d\d)(?::(\d\d))?(?:\s+[A-Z]{3})?$/,
  /^(\d\d)(\d\d)(\d\d)\s+(\d\d)(\d\d)(\d\d)?$/,
]

/** `<</?d` → `YYYY-MM-DDTHH:MM:SS`, without seconds if the printer sends none; undefined for another form. */
export function parseClock(value: string): string | undefined {
  const match = CLOCKS.map((form) => form.exec(value.trim())).find((found) => found !== null)
  if (!match) return undefined
  const [, day = '', month = '', written = '', hour = '', minute = '', second] = match
  const year = written.length === 2 ? `20${written}` : written
  const isTime = Number(hour) < 24 && Number(minute) < 60 && Number(second ?? 0) < 60
  if (!isTime || !isCalendarDate(`${year}-${month}-${day}`)) return undefined
  return `${year}-${month}-${day}T${hour}:${minute}${second === undefined ? '' : `:${second}`}`
}

/** `<</?i/*7`: the second digit is the simulation mode; undefined if the answer is too short. */
export function parseSimulation(value: string): boolean | undefined {
  const digit = /^\d(\d)/.exec(value.trim())?.[1]
  return digit === undefined ? undefined : digit === '1'
}

export function parseCount(value: string): number | undefined {
  return /^\d{1,9}$/.test(value.trim()) ? Number(value) : undefined
}

/** `1.234,56` → cents. */
export function parseItalian(value: string): bigint | undefined {
  const match = /^(-?)(\d{1,3}(?:\.\d{3})*|\d{1,12}),(\d\d)$/.exec(value.trim())
  return match ? BigInt(`${match[1]}${match[2]?.replaceAll('.', '')}${match[3]}`) : undefined
}

export function formatItalian(cents: bigint): string {
  const digits = String(cents < 0n ? -cents : cents).padStart(3, '0')
  const euros = digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, '.')
  return `${cents < 0n ? '-' : ''}${euros},${digits.slice(-2)}`
}

/** `<</?i/*5`: `0  3/25`, optionally with date and time of the first file. */
export function parsePending(
  value: string,
): { files: number; filesMax: number; oldestAt: string | undefined } | undefined {
  const match = /^\d+\s+(\d+)\s*\/\s*(\d+)\s*(.*)$/.exec(value.trim())
  if (!match) return undefined
  const at = /(\d\d)[/-](\d\d)[/-](\d{4}|\d\d)[ T]+(\d\d:\d\d)/.exec(match[3] ?? '')
  const year = at?.[3]?.length === 2 ? `20${at[3]}` : at?.[3]
  return {
    files: Number(match[1]),
    filesMax: Number(match[2]),
    oldestAt: at ? `${year}-${at[2]}-${at[1]}T${at[4]}` : undefined,
  }
}
