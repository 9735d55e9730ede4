import { parseRfc3339, rfc3339 } from '../../../base/clock.ts'
import { formatCents } from '../../../base/money.ts'
import { counted, visible } from '../../../base/text.ts'
import type { BookFinding } from '../../journal/books/findings.ts'
import type { CurrencyRates } from '../../journal/books/foreign-rates.ts'
import type { Restore } from '../../journal/books/restores.ts'
import { uncompared } from '../../journal/books/restores.ts'
import type { EmergencyEntries, Unproven } from '../../journal/books/unproven.ts'
import type { JournalReport } from '../../journal/verify/journal.ts'
import type { UnprovenWords, UnsoldWords } from '../../laws/audit-rules.ts'
import { minuteOf } from './note-words.ts'
import { unsignedBons, unsignedReceipts } from './outage-words.ts'
import type { Installation } from './procedure.ts'
import type { RecordedReceipts } from './recorded-receipts.ts'
import type { ReportLanguage } from './report-language.ts'
import { filled } from './report-language.ts'
import { lawsIn, mainWords } from './report-words.ts'
import { lostOf, madeAtOf, reachesInto, reasonOf, unitNames } from './restore-parts.ts'
import { UNPROVEN_TEXTS } from './unproven-texts.ts'

type Item = keyof UnprovenWords | 'restores'
/** A sentence, with the records that it sums up, one each. */
type ItemLine = { readonly text: string; readonly details: readonly string[]; readonly counted?: string }

/** Facts that only the journal has, always under "Nicht belegt", also without any (`isNone`). */
export type UnprovenItem = {
  readonly item: Item
  readonly isNone: boolean
  readonly lines: readonly ItemLine[]
  /** How the result counts it, instead of its lines. */
  readonly counted?: string
}

type Range = { readonly from: string; readonly to: string }
type Read = {
  readonly recorded: Pick<RecordedReceipts, 'outages' | 'unsold'>
  readonly journal: Pick<JournalReport, 'restores' | 'codes'>
  /** Names of documents that the printers have shown now, with their serial numbers. */
  readonly shown: ReadonlySet<string>
}
type Texts = (typeof UNPROVEN_TEXTS)[ReportLanguage]

/** The items of the laws of a shop, in the order of the report. */
export function unprovenItems(read: Read | undefined, range: Range, installation: Installation): UnprovenItem[] {
  const texts = UNPROVEN_TEXTS[mainWords(installation).language]
  if (read === undefined) return [itemOf('restores', [{ text: texts.unread, details: [] }], '')]
  const { recorded, journal, shown } = read
  const { unproven } = recorded.unsold
  const items = lawsIn(installation).flatMap(({ name, words }): UnprovenItem[] => [
    ...item(words, 'emergencies', ({ some, ...more }) =>
      unproven
        .emergencies()
        .filter((each) => isOfRange(each, range))
        .map((each) => emergencyText(each, { some, ...more }, words)),
    ),
    ...item(words, 'unsigned', (own) => unsignedLines(recorded.outages, name, own, { range, words, texts })),
    ...item(words, 'undocumented', ({ some }) => undocumentedLines(unproven, some, texts)),
    ...item(words, 'foreignCash', ({ some }) => unproven.rates.all().map((rates) => currencyText(rates, some, texts))),
    ...item(words, 'unread', ({ some }) => unreadTexts(journal.codes, shown, some, texts)),
  ])
  const restores = restoreLines(journal, range, installation, texts)
  return [...items, itemOf('restores', restores, texts.restoresNone)]
}

function item<Name extends keyof UnprovenWords>(
  { unproven }: UnsoldWords,
  name: Name,
  linesOf: (words: NonNullable<UnprovenWords[Name]>) => readonly (string | ItemLine)[],
): UnprovenItem[] {
  const words = unproven[name]
  if (words === undefined) return []
  const lines = linesOf(words as NonNullable<UnprovenWords[Name]>)
  return [
    itemOf(
      name,
      lines.map((line) => (typeof line === 'string' ? { text: line, details: [] } : line)),
      words.none,
    ),
  ]
}

function itemOf(name: Item, lines: readonly ItemLine[], none: string): UnprovenItem {
  const isNone = lines.length === 0
  const [{ counted } = {}] = lines
  return { item: name, isNone, lines: isNone ? [{ text: none, details: [] }] : lines, ...(counted && { counted }) }
}

function isOfRange({ openedAt, closedAt }: EmergencyEntries, { from, to }: Range): boolean {
  const [begin, end] = [parseRfc3339(openedAt) ?? 0, closedAt === undefined ? undefined : parseRfc3339(closedAt)]
  return begin <= (parseRfc3339(to) ?? 0) && (end === undefined || end >= (parseRfc3339(from) ?? 0))
}

function emergencyText(
  { device, serial, reason, openedAt, closedAt, isBesideOther, count, cents }: EmergencyEntries,
  { some, open, until, beside }: NonNullable<UnprovenWords['emergencies']>,
  { names }: UnsoldWords,
): string {
  const [one = '', many = ''] = names.entry ?? []
  return filled(some, {
    ...{ device: visible(device), serial: visible(serial), reason: visible(reason), from: minuteOf(openedAt) },
    until: closedAt === undefined ? open : filled(until, { time: minuteOf(closedAt) }),
    ...{ acts: counted(count, one, many), sum: money(cents), beside: isBesideOther ? beside : '' },
  })
}

/** Each receipt once: in the sum, and below it by number or by outage. */
function unsignedLines(
  outages: RecordedReceipts['outages'],
  law: string,
  { some, each, counted: short }: NonNullable<UnprovenWords['unsigned']>,
  { range, words, texts }: { range: Range; words: UnsoldWords; texts: Texts },
): ItemLine[] {
  const [fromMs, toMs] = [parseRfc3339(range.from) ?? 0, parseRfc3339(range.to) ?? 0]
  const report = outages.report((receipt) => receipt.law === law && receipt.atMs >= fromMs && receipt.atMs <= toMs)
  const { receipts, cents, firstMs, lastMs } = report
  if (receipts === 0) return []
  const [from, until] = [firstMs, lastMs].map((ms) => minuteOf(rfc3339(ms)))
  const times = receipts === 1 ? String(from) : filled(texts.between, { from: String(from), until: String(until) })
  const acts = counted(receipts, ...words.receipt)
  const text = filled(some, { acts, sum: money(BigInt(cents)), times })
  const details = each === 'receipt' ? unsignedBons(report) : unsignedReceipts(report)
  return [{ text, details, counted: filled(short, { acts }) }]
}

function undocumentedLines({ undocumented: { count, cents } }: Unproven, some: string, texts: Texts): string[] {
  return count === 0 ? [] : [filled(some, { acts: counted(count, ...texts.operation), sum: money(cents) })]
}

function currencyText({ currency, count, cents, lowest, highest }: CurrencyRates, some: string, texts: Texts): string {
  const payments = counted(count, ...texts.payment)
  return filled(some, { currency, payments, lowest: rateText(lowest), highest: rateText(highest), sum: money(cents) })
}

/** Documents that the journal names and no printer has shown, by their number. */
function unreadTexts(codes: JournalReport['codes'], shown: ReadonlySet<string>, some: string, texts: Texts): string[] {
  return findingsOf(codes, 'rt_document_unread').flatMap(({ facts, more }) => {
    const [serial, document] = [String(facts['serial']), String(facts['document'])]
    if (shown.has(`${serial} ${document}`)) return []
    return [filled(some, { serial: visible(serial), document: visible(document), more: moreText(more, texts) })]
  })
}

function findingsOf(codes: JournalReport['codes'], code: string): BookFinding[] {
  return codes.flatMap((finding) => ('facts' in finding && finding.code === code ? [finding] : []))
}

function moreText(more: number | undefined, { more: text }: Texts): string {
  return more === undefined ? '' : `, ${filled(text, { count: more })}`
}

/** Numbers that a loss set aside, or that were given again. */
const NUMBERS = [
  ['bon_numbers_set_aside', 'bonsAside'],
  ['z_numbers_set_aside', 'closingsAside'],
  ['receipt_numbers_twice', 'twice'],
] as const

function restoreLines(
  { restores, codes }: Read['journal'],
  range: Range,
  { registers }: Installation,
  texts: Texts,
): ItemLine[] {
  const epochs = restores.filter((epoch) => reachesInto(epoch, range))
  const nameOf = (id: unknown): string => visible(registers.find((each) => each.id === id)?.name ?? String(id))
  const numbers = NUMBERS.flatMap(([code, name]) =>
    findingsOf(codes, code).map(({ facts: { register, from = '?', to = '?' } }) =>
      filled(texts[name], { register: nameOf(register), from, to }),
    ),
  )
  const lines = epochs.map((epoch): ItemLine => ({ text: epochText(epoch, texts), details: [] }))
  // Numbers are set aside without a restore too, if a unit is ahead of the journal.
  if (lines.length === 0) return numbers.map((text) => ({ text, details: [] }))
  return lines.map((line, index) => (index === lines.length - 1 ? { ...line, details: numbers } : line))
}

function epochText(epoch: Restore, texts: Texts): string {
  return filled(texts[epoch.cause], {
    ...{ epoch: epoch.epoch, at: minuteOf(epoch.at), madeAt: madeAtOf(epoch, texts) },
    ...{ lost: lostOf(epoch.lost, texts), compared: comparedText(epoch, texts), reason: reasonOf(epoch, texts) },
  })
}

function comparedText({ units }: Restore, texts: Texts): string {
  const [done, open] = [units.filter(({ isCompared }) => isCompared), uncompared({ units })]
  const parts = [
    ...(done.length === 0 ? [] : [filled(texts.compared, { units: unitNames(done, texts) })]),
    ...(open.length === 0 ? [] : [filled(texts.uncompared, { units: unitNames(open, texts) })]),
  ]
  return parts.length === 0 ? texts.noUnits : parts.join(', ')
}

/** At most five digits of a rate. */
export function rateText(rate: number): string {
  const digits = Number(rate.toPrecision(5))
  return digits.toLocaleString('de', { maximumFractionDigits: 12, useGrouping: false })
}

function money(cents: bigint): string {
  return formatCents(cents).replace('.', ',')
}
