import { localMinute, parseRfc3339, SHOP_ZONE } from '../../../base/clock.ts'
import { formatRounded, powerOfTen, toAtoms, withoutZeros } from '../../../base/money.ts'
import { counted, visible } from '../../../base/text.ts'
import type { AuditNotes } from '../../till/administration.ts'
import type { NoteTexts } from './note-texts.ts'
import type { ReportLanguage } from './report-language.ts'
import { filled } from './report-language.ts'
import { REPORT_TEXTS } from './report-texts.ts'

/** `Beleg 12 (op_…): 10,00 EUR verkauft, 14,00 EUR zurückgegeben; sku-1 zu 7 %: 1 verkauft, 2 zurückgegeben` */
export function beyondWords(beyond: AuditNotes['returned_beyond_sale'][number], texts: NoteTexts): string {
  const { sold, returned, unpaid, articles } = beyond
  const pieces = articles.map(({ sku_identifier: sku, rate, paid, given_back: back = '', ...pieces }) => {
    const of = { sku: visible(sku), rate: percent(rate), sold: comma(pieces.sold), returned: comma(pieces.returned) }
    const sums = paid === undefined ? '' : filled(texts.paid, { back: euros(back), paid: euros(paid) })
    return filled(texts.article, of) + sums
  })
  const open = unpaid === undefined ? '' : filled(texts.unpaid, { sum: euros(unpaid) })
  const of = { name: receiptName(beyond, texts), sold: euros(sold), returned: euros(returned) }
  return filled(texts.beyond, { ...of, more: pieces.join('') + open })
}

export function drawerWords(drawer: AuditNotes['drawer_below_zero'][number], texts: NoteTexts): string {
  const { register_id: register, session_id: session, opened_at: at, expected_amount: sum } = drawer
  return filled(texts.drawer, { register, at: minuteOf(at), session, sum: euros(sum) })
}

/** `Kasse reg_…, 2026-11-26 22:05, Beleg 31 (op_…): 127,50 EUR gezählt von anna, 4 Minuten nach 1275,00 EUR von bert, Beleg 30 (op_…)` */
export function correctionWords(
  { register_id: register, corrected_at: at, before, minutes, ...count }: AuditNotes['corrected_counts'][number],
  texts: NoteTexts,
): string {
  const earlier = `${countedWords(before)}${byWords(before.by, texts)}, ${receiptName(before, texts)}`
  const more = { minutes: counted(minutes, ...texts.minute), before: earlier }
  return filled(texts.corrected, { register, at: minuteOf(at), ...countValues(count, texts), ...more })
}

/** `Kasse reg_…, 2026-11-26 12:05, op_…: 130,00 EUR gezählt von anna, Soll 127,50 EUR, Differenz 2,50 EUR` */
export function countWords(
  { register_id: register, counted_at: at, expected, difference, ...count }: AuditNotes['interim_counts'][number],
  texts: NoteTexts,
): string {
  const more = { expected: euros(expected), difference: euros(difference) }
  return filled(texts.counted, { register, at: minuteOf(at), ...countValues(count, texts), ...more })
}

function countValues(count: Count, texts: NoteTexts): { name: string; counted: string; by: string } {
  return { name: receiptName(count, texts), counted: countedWords(count), by: byWords(count.by, texts) }
}

/** `127,50 EUR, 20,00 CHF` */
function countedWords({ amount, foreign_cash: foreign = [] }: Count): string {
  return [euros(amount), ...foreign.map((each) => `${comma(each.amount)} ${each.currency}`)].join(', ')
}

function byWords(by: string | null, texts: NoteTexts): string {
  return by === null ? '' : filled(texts.by, { name: visible(by) })
}

function receiptName({ receipt_number: number, operation_id: id }: Named, texts: NoteTexts): string {
  return number === null ? id : filled(texts.receipt, { number, id })
}

type Named = { readonly receipt_number: string | null; readonly operation_id: string }
type Count = AuditNotes['corrected_counts'][number]['before']

/** `Gutschein 4711: 50,00 EUR aufgeladen, 70,00 EUR eingelöst` */
export function voucherWords(
  { gift_card_id: number, put_on: on, taken_off: off }: AuditNotes['voucher_beyond_sale'][number],
  texts: NoteTexts,
): string {
  return filled(texts.redeemed, { number: visible(number), on: euros(on), off: euros(off) })
}

/** `noch nicht verrechnet: 2 Anzahlungen; noch nicht beendet: 1 Vorgang` */
export function openSummary(
  { unsettled, open_operations: begun, open_groups: groups }: OpenNotes,
  texts: NoteTexts,
  operation: readonly [string, string],
): string {
  const kinds = (['deposit', 'claim', 'voucher'] as const).flatMap((what) =>
    named(unsettled.filter((note) => note.what === what).length, texts[what]),
  )
  const work = [...named(begun.length, operation), ...named(groups.length, texts.group)]
  return [
    ...(kinds.length === 0 ? [] : [filled(texts.unsettled, { list: kinds.join(', ') })]),
    ...(work.length === 0 ? [] : [filled(texts.unended, { list: work.join(', ') })]),
  ].join('; ')
}

function named(count: number, noun: readonly [one: string, many: string]): string[] {
  return count === 0 ? [] : [counted(count, ...noun)]
}

/** `Kasse reg_…: begonnen 2026-11-26 22:05 (op_…), 4,50 EUR` */
export function begunWords(
  { register_id: id, created_at: at, operation_id, total_amount: total }: AuditNotes['open_operations'][number],
  texts: NoteTexts,
): string {
  const register = id === null ? 'ONLINE' : filled(texts.register, { register: id })
  return filled(texts.begun, { register, at: minuteOf(at), id: operation_id, sum: euros(total) })
}

/** `Abrechnungskreis Tisch 7 (loc_…): seit 2026-11-26 22:05, 2 Bestellungen` */
export function groupWords(
  { allocation_group: group, location_id: location, first_order_at: at, orders }: AuditNotes['open_groups'][number],
  texts: NoteTexts,
): string {
  const of = { group: visible(group), location, at: minuteOf(at), orders: counted(orders, ...texts.order) }
  return filled(texts.ordered, of)
}

type OpenNotes = Pick<AuditNotes, 'unsettled' | 'open_operations' | 'open_groups'>

/** `Anzahlung, 2026-11-26 22:05, Beleg 31 (op_…): 50,00 EUR offen`; a voucher with its number. */
export function unsettledWords(
  { what, completed_at: at, left_amount: left, ...note }: AuditNotes['unsettled'][number],
  texts: NoteTexts,
): string {
  const number = note.gift_card_id === undefined ? '' : ` ${visible(note.gift_card_id)}`
  const of = { what: texts[what][0] + number, at: minuteOf(at), name: receiptName(note, texts), sum: euros(left) }
  return filled(texts.left, of)
}

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
export function objectionsFirst(objections: number, summary: string, language: ReportLanguage): string {
  return objections === 0 ? summary : `${counted(objections, ...REPORT_TEXTS[language].objection)}; ${summary}`
}

export function euros(amount: string): string {
  return `${comma(amount)} EUR`
}

/** Date and minute in the local time of the shop. */
export function minuteOf(time: string): string {
  return localMinute(parseRfc3339(time) ?? 0, SHOP_ZONE)
}
