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

/** The bons that no TSE signed, for the report. */
export function unsignedBons({ receipts, cents, first }: OutageReport): string[] {
  if (receipts === 0) return []
  const each = first.map(
    ({ number, register, atMs, cents: sum }) =>
      `Ohne Absicherung: Bon ${number} der Kasse ${register}, ${minuteOf(rfc3339(atMs))}, ${sumOf(sum)}.`,
  )
  const more = receipts - first.length
  return [
    `${counted(receipts, 'Bon', 'Bons')} über ${sumOf(cents)} ohne Absicherung der TSE: nur das Journal steht dafür.`,
    ...each,
    ...(more > 0 ? [`Ohne Absicherung: ${counted(more, 'weiterer Bon', 'weitere Bons')}.`] : []),
  ]
}

/** The receipts that no signature unit signed, by outage, for the report. */
export function unsignedReceipts({ outages, receipts, cents }: OutageReport): string[] {
  if (receipts === 0) return []
  const each = outages.filter((outage) => outage.receipts > 0).map(outageText)
  const more = each.length - OUTAGES_SHOWN
  return [
    `${counted(receipts, 'Beleg', 'Belege')} über ${sumOf(cents)} im Ausfall der Signatureinheit: ohne Signatur.`,
    ...each.slice(0, OUTAGES_SHOWN),
    ...(more > 0 ? [`${counted(more, 'weiterer Ausfall', 'weitere Ausfälle')}: siehe Verfahrensdokumentation.`] : []),
  ]
}

function outageText({ device, fromMs, toMs, cause, receipts, cents }: RecordedOutage): string {
  const until = toMs === undefined ? 'dauert an' : `bis ${minuteOf(rfc3339(toMs))}`
  const many = counted(receipts, 'Beleg', 'Belege')
  return `Ausfall von ${device}, ${minuteOf(rfc3339(fromMs))} ${until}, ${causeText(cause)}: ${many}, ${sumOf(cents)}.`
}

/** If the clock was the cause, with the words that the receipt has. */
function causeText(cause: Cause | undefined): string {
  if (cause === undefined) return 'nicht aufgezeichnet'
  // The words of a device may hold any character.
  const words = visible(`${cause.code}: ${cause.message}`)
  return cause.code === 'clock_suspect' ? `${CLOCK_TEXT}: ${words}` : words
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
