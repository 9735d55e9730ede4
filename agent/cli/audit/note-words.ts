import { localMinute, parseRfc3339, SHOP_ZONE } from '../../../base/clock.ts'
import { formatRounded, powerOfTen, toAtoms, withoutZeros } from '../../../base/money.ts'
import { counted, visible } from '../../../base/text.ts'
import type { AuditNotes } from '../../till/administration.ts'

/** `Beleg 12 (op_…): 10,00 EUR verkauft, 14,00 EUR zurückgegeben; sku-1 zu 7 %: 1 verkauft, 2 zurückgegeben` */
export function beyondWords(beyond: AuditNotes['returned_beyond_sale'][number]): string {
  const { sold, returned, unpaid, articles } = beyond
  const pieces = articles.map(
    ({ sku_identifier: sku, rate, ...count }) =>
      `; ${visible(sku)} zu ${percent(rate)}: ${comma(count.sold)} verkauft, ${comma(count.returned)} zurückgegeben${paidWords(count)}`,
  )
  const open = unpaid === undefined ? '' : `; ${euros(unpaid)} mehr erstattet als bezahlt, die Forderung ist offen`
  return `${receiptName(beyond)}: ${euros(sold)} verkauft, ${euros(returned)} zurückgegeben${pieces.join('')}${open}`
}

function paidWords({ paid, given_back: back }: { paid?: string | undefined; given_back?: string | undefined }): string {
  return paid === undefined ? '' : ` für ${euros(back ?? '')}, bezahlt waren ${euros(paid)}`
}

export function drawerWords({ register_id: register, session_id: session, ...drawer }: DrawerNote): string {
  return `Kasse ${register}, geöffnet ${minuteOf(drawer.opened_at)}, ${session}: Soll ${euros(drawer.expected_amount)}`
}

/** `Kasse reg_…, 2026-11-26 22:05, Beleg 31 (op_…): 127,50 EUR gezählt von anna, 4 Minuten nach 1275,00 EUR von bert, Beleg 30 (op_…)` */
export function correctionWords({ register_id: register, corrected_at: at, before, ...count }: CorrectedNote): string {
  const later = counted(count.minutes, 'Minute', 'Minuten')
  return `Kasse ${register}, ${minuteOf(at)}, ${receiptName(count)}: ${countedWords(count)} gezählt${byWords(count.by)}, ${later} nach ${countedWords(before)}${byWords(before.by)}, ${receiptName(before)}`
}

/** `Kasse reg_…, 2026-11-26 12:05, op_…: 130,00 EUR gezählt von anna, Soll 127,50 EUR, Differenz 2,50 EUR` */
export function countWords(count: AuditNotes['interim_counts'][number]): string {
  const { register_id: register, counted_at: at, expected, difference } = count
  return `Kasse ${register}, ${minuteOf(at)}, ${receiptName(count)}: ${countedWords(count)} gezählt${byWords(count.by)}, Soll ${euros(expected)}, Differenz ${euros(difference)}`
}

/** `127,50 EUR, 20,00 CHF` */
function countedWords({ amount, foreign_cash: foreign = [] }: CorrectedNote['before']): string {
  return [euros(amount), ...foreign.map((each) => `${comma(each.amount)} ${each.currency}`)].join(', ')
}

function byWords(by: string | null): string {
  return by === null ? '' : ` von ${visible(by)}`
}

function receiptName({ receipt_number: number, operation_id: id }: Named): string {
  return number === null ? id : `Beleg ${number} (${id})`
}

type Named = { readonly receipt_number: string | null; readonly operation_id: string }
type CorrectedNote = AuditNotes['corrected_counts'][number]

/** `Gutschein 4711: 50,00 EUR aufgeladen, 70,00 EUR eingelöst` */
export function voucherWords({ gift_card_id: number, put_on, taken_off }: VoucherNote): string {
  return `Gutschein ${visible(number)}: ${euros(put_on)} aufgeladen, ${euros(taken_off)} eingelöst`
}

const UNSETTLED = {
  deposit: ['Anzahlung', 'Anzahlungen'],
  claim: ['Forderung', 'Forderungen'],
  voucher: ['Gutschein', 'Gutscheine'],
} as const satisfies { readonly [What in UnsettledNote['what']]: readonly [one: string, many: string] }

/** `noch nicht verrechnet: 2 Anzahlungen; noch nicht beendet: 1 Vorgang` */
export function openSummary({ unsettled, open_operations: begun, open_groups: groups }: OpenNotes): string {
  const kinds = Object.entries(UNSETTLED).flatMap(([what, [one, many]]) =>
    named(unsettled.filter((note) => note.what === what).length, one, many),
  )
  const work = [
    ...named(begun.length, 'Vorgang', 'Vorgänge'),
    ...named(groups.length, 'Abrechnungskreis', 'Abrechnungskreise'),
  ]
  return [
    ...(kinds.length === 0 ? [] : [`noch nicht verrechnet: ${kinds.join(', ')}`]),
    ...(work.length === 0 ? [] : [`noch nicht beendet: ${work.join(', ')}`]),
  ].join('; ')
}

function named(count: number, one: string, many: string): string[] {
  return count === 0 ? [] : [counted(count, one, many)]
}

/** `Kasse reg_…: begonnen 2026-11-26 22:05 (op_…), 4,50 EUR` */
export function begunWords({ register_id: register, created_at: at, operation_id: id, total_amount: total }: Begun) {
  return `${register === null ? 'ONLINE' : `Kasse ${register}`}: begonnen ${minuteOf(at)} (${id}), ${euros(total)}`
}

/** `Abrechnungskreis Tisch 7 (loc_…): seit 2026-11-26 22:05, 2 Bestellungen` */
export function groupWords({ allocation_group: group, location_id: location, first_order_at: at, orders }: Group) {
  return `Abrechnungskreis ${visible(group)} (${location}): seit ${minuteOf(at)}, ${counted(orders, 'Bestellung', 'Bestellungen')}`
}

type OpenNotes = Pick<AuditNotes, 'unsettled' | 'open_operations' | 'open_groups'>
type Begun = AuditNotes['open_operations'][number]
type Group = AuditNotes['open_groups'][number]

/** `Anzahlung, 2026-11-26 22:05, Beleg 31 (op_…): 50,00 EUR offen`; a voucher with its number. */
export function unsettledWords({ what, completed_at: at, left_amount: left, ...named }: UnsettledNote): string {
  const number = named.gift_card_id === undefined ? '' : ` ${visible(named.gift_card_id)}`
  return `${UNSETTLED[what][0]}${number}, ${minuteOf(at)}, ${receiptName(named)}: ${euros(left)} offen`
}

type UnsettledNote = AuditNotes['unsettled'][number]
type VoucherNote = AuditNotes['voucher_beyond_sale'][number]
type DrawerNote = AuditNotes['drawer_below_zero'][number]

/** `0.07` as `7 %`, `0.07+0.19` as `7 % + 19 %`. */
function percent(rate: string): string {
  return rate
    .split('+')
    .map((one) => `${comma(withoutZeros(formatRounded(toAtoms(one) * 100n, powerOfTen(8), 6)))} %`)
    .join(' + ')
}

function comma(decimal: string): string {
  return decimal.replace('.', ',')
}

/** Puts the number of objections before the summary, which says what is right. */
export function objectionsFirst(objections: number, summary: string): string {
  return objections === 0 ? summary : `${counted(objections, 'Beanstandung', 'Beanstandungen')}; ${summary}`
}

export function euros(amount: string): string {
  return `${comma(amount)} EUR`
}

/** Date and minute in the local time of the shop. */
export function minuteOf(time: string): string {
  return localMinute(parseRfc3339(time) ?? 0, SHOP_ZONE)
}
