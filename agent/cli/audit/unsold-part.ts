import { localDate, SHOP_ZONE } from '../../../base/clock.ts'
import { formatCents } from '../../../base/money.ts'
import { counted } from '../../../base/text.ts'
import type { ReceiptOutages } from '../../devices/receipt-outages.ts'
import type { BookState } from '../../journal/books/book-state.ts'
import type { OrderBalance } from '../../journal/books/order-balance.ts'
import type { Unsold } from '../../journal/books/unsold.ts'
import type { UnsoldAct, UnsoldKind } from '../../journal/books/unsold-acts.ts'
import { UNSOLD_KINDS } from '../../journal/books/unsold-acts.ts'
import type { UnsoldWords } from '../../laws/audit-rules.ts'
import type { AuditPart } from './audit-part.ts'
import { auditPart } from './audit-part.ts'
import { nameIn } from './outage-words.ts'
import type { Installation } from './procedure.ts'
import type { ReportLanguage } from './report-language.ts'
import { filled } from './report-language.ts'
import { hasOwnName, placeOf, wordsOf } from './report-words.ts'
import type { NamedAct } from './unsold-csv.ts'
import { unsoldCsv } from './unsold-csv.ts'
import { CHAPTER_TEXTS } from './unsold-texts.ts'

/** In the order of the report. */
const KINDS = Object.keys(UNSOLD_KINDS) as UnsoldKind[]
const LARGEST = 3

type Shop = Pick<Installation, 'registers' | 'locations'>
type Read = { readonly unsold: Unsold; readonly outages: Pick<ReceiptOutages, 'byRegister'>; readonly state: BookState }
type Words = (register: string) => UnsoldWords
type Texts = (typeof CHAPTER_TEXTS)[ReportLanguage]

/** The chapter and the file of all acts. It never calls an act right or wrong. */
export function unsoldPart(
  { unsold, outages, state }: Read,
  range: readonly [number, number],
  shop: Shop,
  language: ReportLanguage,
): { part: AuditPart; file: string; csv: string } {
  const texts = CHAPTER_TEXTS[language]
  const words: Words = (register) => wordsOf(shop, register)
  const nameOf = registerName(shop)
  const balances = unsold.balances(state)
  const unsigned = outages.byRegister(...range)
  const registers = [...new Set([...unsold.sales.keys(), ...unsigned.keys()])].filter((id) => id !== '')
  const { done, sums } = byRegister(unsold.acts)
  const findings = [
    ...registers.flatMap((id) => [
      salesLine(unsold, id, nameOf(id), words(id), texts),
      ...KINDS.flatMap((kind) => actLine(unsold, done.get(`${id} ${kind}`) ?? [], nameOf(id), words(id), texts)),
      ...unsignedLine(unsigned.get(id), nameOf(id), words(id), texts),
    ]),
    ...onlineLine(unsold, texts),
    ...noneLine(registers, done, unsigned.size, words, texts),
    ...balances.flatMap((balance) => orderLines(unsold, balance, shop, words, texts)),
    texts.unrecorded,
    ...new Set(registers.flatMap((id) => words(id).elsewhere ?? [])),
    filled(texts.each, { file: texts.file }),
  ]
  const sold = [...unsold.sales.values()].reduce((sum, { turnover }) => sum + turnover, 0n)
  const afterVoid = balances.reduce((sum, balance) => sum + balance.sums.afterVoid, 0n)
  const turnover = filled(texts.turnover, { sold: money(sold), unsold: money(sums - afterVoid) })
  const isRest = balances.some(({ rest }) => rest !== 0n)
  const part = auditPart(isRest ? 'fault' : 'note', texts.name, turnover, findings, { turnover })
  const named = unsold.acts.flatMap((act) => namedAct(act, nameOf(act.register), words(act.register), unsold.zOf))
  return { part, file: texts.file, csv: unsoldCsv(named, texts.header) }
}

/** If the journal could not be read. */
export function unreadUnsold(language: ReportLanguage): AuditPart {
  const { name, unread } = CHAPTER_TEXTS[language]
  return auditPart('note', name, unread)
}

function registerName(shop: Shop): (register: string) => string {
  const nameOf = nameIn(shop)
  return (id) => {
    if (id === '') return 'ONLINE'
    return hasOwnName(shop, id) || nameOf(id) === id ? nameOf(id) : `${nameOf(id)} (${id})`
  }
}

function byRegister(acts: readonly UnsoldAct[]): { done: Map<string, UnsoldAct[]>; sums: bigint } {
  const done = new Map<string, UnsoldAct[]>()
  let sums = 0n
  for (const act of acts) {
    const { kind, register, cents } = act
    const counting = UNSOLD_KINDS[kind]
    if (counting === 'takenBack') sums -= cents
    else if (counting !== 'apart') sums += cents
    if (counting === 'ordered') continue
    const key = `${register} ${kind}`
    const list = done.get(key) ?? []
    done.set(key, list)
    list.push(act)
  }
  return { done, sums }
}

function namedAct(act: UnsoldAct, register: string, words: UnsoldWords, zOf: ReadonlyMap<string, number>): NamedAct[] {
  const name = words.names[act.kind]
  return name === undefined ? [] : [{ act, name: name[0], record: name[2], register, ...placeOf(act, words, zOf) }]
}

function salesLine({ sales }: Unsold, id: string, register: string, { receipt }: UnsoldWords, texts: Texts): string {
  const { bons, count, cents, cash } = sales.get(id) ?? { bons: 0, count: 0, cents: 0n, cash: 0n }
  const of = { receipts: counted(bons, ...receipt), sales: counted(count, ...texts.sale) }
  return filled(texts.sales, { register, ...of, sum: money(cents), cash: money(cash) })
}

function actLine(
  { zOf }: Unsold,
  acts: readonly UnsoldAct[],
  register: string,
  words: UnsoldWords,
  texts: Texts,
): string[] {
  const [first] = acts
  const name = first && words.names[first.kind]
  if (first === undefined || name === undefined) return []
  const { count, cents, cash } = summed(acts)
  const line = filled(texts.act, { register, acts: counted(count, name[0], name[1]), sum: money(cents) })
  const ofCash = first.kind === 'void' || first.kind === 'return' ? filled(texts.ofCash, { sum: money(cash) }) : ''
  const marks = [
    ...marked(texts.noReason, first.kind === 'void' ? acts.filter(({ reason }) => reason === '') : []),
    ...marked(
      texts.resold,
      acts.filter(({ isResold }) => isResold),
    ),
    ...marked(
      texts.unknown,
      acts.filter(({ isUnknown }) => isUnknown),
    ),
    ...largestOf(acts, zOf, words, texts),
  ]
  return [`${line}${ofCash}${marks.map((mark) => `; ${mark}`).join('')}`]
}

function marked(text: string, acts: readonly UnsoldAct[]): string[] {
  const { count, cents } = summed(acts)
  return count === 0 ? [] : [filled(text, { count, sum: money(cents) })]
}

function summed(acts: readonly UnsoldAct[]): { count: number; cents: bigint; cash: bigint } {
  const add = (pick: (act: UnsoldAct) => bigint): bigint => acts.reduce((sum, act) => sum + pick(act), 0n)
  return { count: acts.length, cents: add(({ cents }) => cents), cash: add(({ cash }) => cash) }
}

/** `größte: Bon 29 (Z 3) 20,00 EUR` */
function largestOf(
  acts: readonly UnsoldAct[],
  zOf: ReadonlyMap<string, number>,
  words: UnsoldWords,
  texts: Texts,
): string[] {
  const sorted = acts.filter(({ cents }) => cents > 0n).sort((one, other) => Number(other.cents - one.cents))
  const list = sorted.slice(0, LARGEST).map((act) => {
    const { bon, z } = placeOf(act, words, zOf)
    const name = bon === '' ? act.operation : `${words.receipt[0]} ${bon}`
    return `${name}${z === undefined ? '' : ` (Z ${z})`} ${money(act.cents)} EUR`
  })
  return list.length === 0 ? [] : [filled(texts.largest, { list: list.join(', ') })]
}

type Unsigned = { readonly receipts: number; readonly cents: number } | undefined

function unsignedLine(unsigned: Unsigned, register: string, { receipt }: UnsoldWords, texts: Texts): string[] {
  if (unsigned === undefined) return []
  const { receipts, cents } = unsigned
  const sum = Number.isNaN(cents) ? '?' : money(BigInt(cents))
  return [filled(texts.unsigned, { register, acts: counted(receipts, ...receipt), sum })]
}

function onlineLine({ sales }: Unsold, texts: Texts): string[] {
  const { count = 0, cents = 0n } = sales.get('') ?? {}
  return count === 0 ? [] : [filled(texts.online, { acts: counted(count, ...texts.operation), sum: money(cents) })]
}

/** The kinds of the registers' laws that no register did. */
function noneLine(
  registers: readonly string[],
  done: ReadonlyMap<string, readonly UnsoldAct[]>,
  unsigned: number,
  words: Words,
  texts: Texts,
): string[] {
  const kinds = KINDS.filter(
    (kind) => UNSOLD_KINDS[kind] !== 'ordered' && registers.every((id) => !done.has(`${id} ${kind}`)),
  )
  const names = kinds.flatMap((kind) => registers.flatMap((id) => words(id).names[kind]?.[1] ?? []))
  const all = [...new Set(names), ...(unsigned === 0 && texts.unsignedNone !== '' ? [texts.unsignedNone] : [])]
  return registers.length === 0 ? [] : [filled(texts.none, { kinds: all.join(', ') })]
}

function orderLines(unsold: Unsold, balance: OrderBalance, shop: Shop, words: Words, texts: Texts): string[] {
  const { location: id, sums, open, oldestMs, rest } = balance
  const location = shop.locations.find((one) => one.id === id)?.name ?? id
  const say = (text: string, cents: bigint, more: Record<string, string> = {}): string =>
    filled(text, { sum: money(cents), ...more })
  const some = (text: string, cents: bigint): string[] => (cents === 0n ? [] : [say(text, cents)])
  const parts = [...some(texts.late, sums.late), ...some(texts.afterVoid, sums.afterVoid)].join(', ')
  const of = parts === '' ? '' : filled(texts.of, { list: parts })
  const oldest = oldestMs === undefined ? '' : filled(texts.oldest, { day: localDate(oldestMs, SHOP_ZONE) })
  const left = [...some(texts.before, sums.before), say(texts.order, sums.ordered), say(texts.reopened, sums.reopened)]
  const right = [
    say(texts.billed, sums.billed),
    say(texts.takenBack, sums.takenBack, { of }),
    say(texts.transfer, sums.transfer),
    say(texts.staff, sums.staff),
    say(texts.open, open, { oldest }),
  ]
  const here = unsold.acts.filter((act) => act.location === id)
  const largest = (kind: UnsoldKind): string => {
    const acts = here.filter((act) => act.kind === kind)
    return largestOf(acts, unsold.zOf, words(acts[0]?.register ?? ''), texts)
      .map((text) => `; ${text}`)
      .join('')
  }
  const balanced = { location, left: left.join(' + '), right: right.join(' + '), rest: money(rest) }
  return [
    `${filled(texts.ordered, balanced)}${largest('order_cancelled')}`,
    ...some(texts.less, sums.less).map((line) => `${filled(line, { location })}${largest('billed_less')}`),
    ...(rest === 0n ? [] : [filled(texts.rest, { location })]),
  ]
}

function money(cents: bigint): string {
  return formatCents(cents).replace('.', ',')
}
