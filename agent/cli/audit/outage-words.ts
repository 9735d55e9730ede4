import { rfc3339 } from '../../../base/clock.ts'
import { formatCents } from '../../../base/money.ts'
import { counted, visible } from '../../../base/text.ts'
import type { Cause, OutageReport, RecordedOutage } from '../../devices/outage-report.ts'
import { CLOCK_TEXT } from '../../laws/germany/facts.ts'
import { euros, minuteOf } from './note-words.ts'

type NameOf = (register: string) => string

const OUTAGES_SHOWN = 20

export const OUTAGE_HEAD = ['Gerät', 'Beginn', 'Ende', 'Grund', 'Belege', 'Summe'] as const

/** The names of registers by their ids. */
export function nameIn({ registers }: { registers: readonly { id: string; name: string }[] }): NameOf {
  return (id) => visible(registers.find((register) => register.id === id)?.name ?? id)
}

/** The row of an outage below {@link OUTAGE_HEAD}. */
export function outageCells(outage: RecordedOutage, nameOf: NameOf): string[] {
  const { device, fromMs, toMs, cause, receipts, cents } = outage
  return [
    device === '' ? '–' : device,
    rfc3339(fromMs),
    toMs === undefined ? 'dauert an' : rfc3339(toMs),
    causeText(cause),
    receipts === 0 ? '0' : `${receipts}: ${numbersText(outage, nameOf)}`,
    sumOf(cents),
  ]
}

/** The bons that no TSE signed one by one, for the report. */
export function unsignedBons({ receipts, first }: OutageReport): string[] {
  const each = first.map(
    ({ number, register, atMs, cents: sum }) =>
      `Ohne Absicherung: Bon ${number} der Kasse ${register}, ${minuteOf(rfc3339(atMs))}, ${sumOf(sum)}.`,
  )
  const more = receipts - first.length
  return [...each, ...(more > 0 ? [`Ohne Absicherung: ${counted(more, 'weiterer Bon', 'weitere Bons')}.`] : [])]
}

/** The receipts that no signature unit signed, by outage, for the report. */
export function unsignedReceipts({ outages }: OutageReport): string[] {
  const each = outages.filter((outage) => outage.receipts > 0).map(outageText)
  const more = each.length - OUTAGES_SHOWN
  return [
    ...each.slice(0, OUTAGES_SHOWN),
    ...(more > 0 ? [`${counted(more, 'weiterer Ausfall', 'weitere Ausfälle')}: siehe DEP131.`] : []),
  ]
}

function outageText({ device, fromMs, toMs, cause, receipts, cents }: RecordedOutage): string {
  const until = toMs === undefined ? 'dauert an' : `bis ${minuteOf(rfc3339(toMs))}`
  const many = counted(receipts, 'Beleg', 'Belege')
  return `Ausfall von ${device}, ${minuteOf(rfc3339(fromMs))} ${until}, ${causeText(cause)}: ${many}, ${sumOf(cents)}.`
}

/** Why a unit signed nothing, by the codes of devices. */
const CAUSES: Readonly<Record<string, string | undefined>> = {
  unavailable: 'Gerät nicht erreichbar',
  timeout: 'keine Antwort in der erlaubten Zeit',
  garbled: 'unlesbare Antwort',
  busy: 'Gerät beschäftigt',
  aborted: 'abgebrochen',
  foreign: 'anderes Gerät angeschlossen',
  not_named: 'anderes Gerät angeschlossen',
  tse_ahead: 'TSE hat mehr abgesichert als aufgezeichnet',
  refused: 'vom Gerät abgewiesen',
  not_initialised: 'Gerät nicht eingerichtet',
  self_test_due: 'Selbsttest ausstehend',
  time_not_set: 'Uhr des Geräts nicht gestellt',
  certificate_expired: 'Zertifikat abgelaufen',
  memory_full: 'Speicher der TSE voll',
  signatures_exhausted: 'keine Signaturen mehr möglich',
  disabled: 'dauerhaft abgeschaltet',
  client_unknown: 'Kasse der TSE nicht bekannt',
  not_authorised: 'Anmeldung nötig',
  client_limit: 'TSE nimmt keine weitere Kasse auf',
  transaction_unknown: 'Vorgang der TSE nicht bekannt',
  open_transactions_full: 'zu viele offene Vorgänge',
  data_too_long: 'Angaben zu lang',
  out_of_service: 'Gerät außer Betrieb',
  clock_wrong: 'Uhr des Geräts falsch',
}

/** If the clock was the cause, with the words that the receipt has. */
function causeText(cause: Cause | undefined): string {
  if (cause === undefined) return 'nicht aufgezeichnet'
  const { code, message } = cause
  if (code === 'clock_suspect') return `${CLOCK_TEXT} (${code})`
  // The words of a device may hold any character.
  return CAUSES[code] === undefined ? visible(`${code}: „${message}“`) : `${CAUSES[code]} (${code})`
}

/** `2 bis 4 (Kasse 1), 7 (Kasse 2)` */
function numbersText({ receipts, numbers }: RecordedOutage, nameOf: NameOf): string {
  const runs = numbers.map(({ register, first, last }) => {
    const range = first === last ? String(first) : `${first} bis ${last}`
    return `${range} (${nameOf(register)})`
  })
  const named = numbers.reduce((sum, { first, last }) => sum + last - first + 1, 0)
  return `${runs.join(', ')}${named < receipts ? ', …' : ''}`
}

function sumOf(cents: number): string {
  return Number.isNaN(cents) ? '? EUR' : euros(formatCents(BigInt(cents)))
}
