import type { EventKind } from '../../journal/event-kinds.ts'
import type { Act, EventBody, Members } from '../../journal/events.ts'
import { bodyOf, factsOf } from '../../journal/events.ts'
import { isEarlyAnswer } from '../../journal/progress.ts'
import { LAWS } from '../../laws/laws.ts'
import { member } from '../daemon/admin-client.ts'
import type { EventSource, ReadEvent } from './source.ts'

/** An act on a device, and what became of it. `answer`: the status of the till's answer. */
export type Step = {
  readonly seq: number
  /** RFC 3339. */
  readonly at: string
  readonly event: string
  readonly device?: string
  /** The act that begins with this event, or the one that ended. */
  readonly asked?: string
  readonly outcome?: 'done' | 'failed'
  readonly code?: string
  readonly message?: string
  readonly answer?: number | 'early'
  /** One sentence each. */
  readonly words: readonly string[]
}

/** A document as its events made it, and each of its steps with the events of its devices in between. */
export type History = {
  readonly id: string
  readonly kind: string
  readonly shown: Members
  readonly receiptNumber: number | undefined
  readonly steps: readonly Step[]
}

type Folded = { shown: Members; readonly acts: Map<number, Act> }

/** Events of a device, or of its transactions, while an operation runs. */
const DEVICE_EVENTS = [
  ...(['tse.adopted', 'device.changed', 'device.serviced'] as const),
  ...(['transaction.abort_failed', 'transaction.abort_intended', 'transaction.aborted', 'transaction.lost'] as const),
] as const

/** Events of a document that no longer runs: they may come days later. */
const AFTERWARDS: ReadonlySet<string> = new Set([
  ...(['receipt.issued', 'operation.returned', 'operation.reversed'] as const),
  ...(['operation.deposit_captured', 'operation.settled', 'operation.redeemed'] as const),
] satisfies readonly EventKind[])

/** The steps of a document; undefined if the journal has no event of it. */
export async function historyOf(source: EventSource, id: string): Promise<History | undefined> {
  const own = await source({ op: id })
  const [first] = own
  const last = own.findLast(({ kind }) => !AFTERWARDS.has(kind))
  if (first === undefined || last === undefined) return undefined
  const folded: Folded = { shown: {}, acts: new Map() }
  const steps = own.map((event) => ownStep(event, folded))
  const devices = new Set([...folded.acts.values()].map(({ device }) => device))
  const others = (await source({ kinds: DEVICE_EVENTS, from: first.seq })).filter(({ op }) => op !== id)
  // The end of its transaction may come later, when the device is back.
  const near = others.filter((event) => event.seq <= last.seq || isOf(event, id))
  const between = near.flatMap((event) => deviceStep(event, id, devices) ?? [])
  const numbers = own.flatMap((event) => bodyOf(event).receipt?.number ?? [])
  return {
    id,
    kind: bodyOf(first).index?.kind ?? 'document',
    shown: folded.shown,
    receiptNumber: numbers.at(-1),
    steps: [...steps, ...between].sort((one, other) => one.seq - other.seq),
  }
}

function ownStep(event: ReadEvent, folded: Folded): Step {
  const body = bodyOf(event)
  const before = folded.shown
  folded.shown = { ...before, ...body.set }
  if (body.act !== undefined) folded.acts.set(event.seq, body.act)
  const ended = body.ref === undefined ? undefined : folded.acts.get(body.ref)
  const failure = failureIn(event, body)
  return {
    ...{ seq: event.seq, at: event.at, event: event.kind },
    ...actMembers(body.act ?? ended),
    ...(ended !== undefined && { outcome: failure === undefined ? ('done' as const) : ('failed' as const) }),
    ...failure,
    ...answerMembers(body),
    words: [
      ...requestWords(event, body, before),
      ...endWords(ended, failure),
      ...resultWords(body),
      ...nextWords(body),
    ],
  }
}

function actMembers(act: Act | undefined): Pick<Step, 'device' | 'asked'> {
  return act === undefined ? {} : { device: act.device, asked: act.name }
}

function answerMembers(body: EventBody): Pick<Step, 'answer'> {
  if (body.answer !== undefined) return { answer: body.answer.status }
  return isEarlyAnswer(body) ? { answer: 'early' } : {}
}

/** The outcome of the act that the event ends, or why no device was asked. */
function endWords(ended: Act | undefined, failure: Failure | undefined): string[] {
  if (ended !== undefined) return [outcomeWords(ended, failure)]
  return failure === undefined ? [] : [`${failure.code}: ${failure.message}`]
}

/** The next act, an answer without an outcome, or a key that is free again. */
function nextWords(body: EventBody): string[] {
  const { act, release } = body
  return [
    ...(act === undefined ? [] : [`${act.device} is asked to ${actWords(act)}`]),
    ...(isEarlyAnswer(body) ? ['the device has not reported the outcome: the till is answered without it'] : []),
    ...(release === undefined ? [] : ['the key of the request is free again']),
  ]
}

type Failure = { readonly code: string; readonly message: string }

/** Why an act failed: the member that the answer shows, the refusal, or what the law keeps of it. */
function failureIn(event: ReadEvent, body: EventBody): Failure | undefined {
  const refusal = factsOf(event, 'operation.refused', 'closing.refused', 'register.fiscalize_refused')
  const fiscal = body.set?.['fiscal']
  return [refusal, member(fiscal, 'error'), body.law?.['refused']].flatMap(failureFrom)[0]
}

function failureFrom(value: unknown): Failure[] {
  const [code, message] = [member(value, 'code'), member(value, 'message')]
  return typeof code === 'string' && typeof message === 'string' ? [{ code, message }] : []
}

/** A till has no words: it is the caller of the other steps. */
function issuerWords(event: ReadEvent): string {
  return factsOf(event, 'receipt.issued')?.by === 'display' ? ', a display has shown it' : ''
}

/** A completion may say how its receipt is issued. */
function saidWords(...sets: readonly (Members | undefined)[]): string[] {
  const said = sets.find((set) => typeof set?.['issued_as'] === 'string')
  return said === undefined ? [] : [`the receipt is issued: ${issuedWords(said)}`]
}

export function issuedWords({ issued_as: as }: Members): string {
  return text(as).replaceAll('_', ' ')
}

function requestWords(event: ReadEvent, body: EventBody, before: Members): string[] {
  const { set = {}, plan, index, own } = body
  const total = amountOf({ ...before, ...set })
  switch (event.kind) {
    case 'operation.amended':
      return [`the till changes the goods: ${total}, before ${amountOf(before)}`]
    case 'operation.completion_requested':
      return [`the till completes it, ${paidWords({ ...set, ...plan?.set }['payments'])}`, ...saidWords(set, plan?.set)]
    case 'operation.void_requested':
      return [`the till voids it: ${text({ ...set, ...plan?.set }['void_reason'])}`]
    case 'operation.reversal_requested':
      return [`the till reverses ${text(set['related_operation_id'])}: ${total}`]
    case 'operation.cut_short':
      return [`a person ends it: ${factsOf(event, 'operation.cut_short')?.reason ?? ''}`]
    case 'closing.transmission_changed':
      return [`its transmission to the tax office: ${text(set['transmission_status']).replaceAll('_', ' ')}`]
    case 'receipt.issued':
      return [`the receipt is issued: ${issuedWords(set)}${issuerWords(event)}`]
    case 'operation.returned':
    case 'operation.reversed':
    case 'operation.deposit_captured':
    case 'operation.settled':
    case 'operation.redeemed':
      return [`${event.kind.slice('operation.'.length)} by ${lastIdIn(own)}`]
    default:
      return index === undefined ? [] : [`the till begins ${withArticle(index.kind)}${total && `: ${total}`}`]
  }
}

function withArticle(kind: string): string {
  return `${/^[aeiou]/.test(kind) ? 'an' : 'a'} ${kind.replaceAll('_', ' ')}`
}

function lastIdIn(own: unknown): string {
  const ids = JSON.stringify(own ?? {}).match(/op_[0-9A-Z]{26}/g)
  return ids?.at(-1) ?? 'another operation'
}

function paidWords(payments: unknown): string {
  if (!Array.isArray(payments) || payments.length === 0) return 'without a payment'
  return `paid ${payments.map(paymentWords).join(', ')}`
}

/** Foreign cash with its currency and its value. */
function paymentWords(payment: unknown): string {
  const [amount, method, base] = ['amount', 'method', 'base_amount'].map((name) => member(payment, name))
  const value = base === undefined ? '' : ` ${text(member(payment, 'currency'))} (${text(base)} EUR)`
  return `${text(amount)}${value} ${text(method)}`
}

function outcomeWords({ device, ...act }: Act, failure: Failure | undefined): string {
  const asked = actWords({ device, ...act })
  return failure === undefined
    ? `${device} did ${asked}`
    : `${device} did not ${asked}: ${failure.code}: ${failure.message}`
}

function actWords({ name, transaction }: Act): string {
  const what = name.replaceAll('_', ' ')
  return transaction === undefined ? what : `${what} transaction ${text(transaction)}`
}

/** Changes of the event elsewhere: a transaction, a number, the drawer, the paper. */
function resultWords({ set = {}, transaction, receipt, session }: EventBody): string[] {
  const facts = set['fiscal_information']
  const counter = member(member(facts, 'end_event'), 'transaction_counter')
  const printed = printedNumber(facts)
  const notice = member(set['fiscal'], 'receipt_text')
  const drawer = drawerWords(session)
  return [
    transaction === undefined ? undefined : `transaction ${transaction.number} is ${transaction.state}`,
    counter === undefined ? undefined : `signature counter ${text(counter)}`,
    printed === undefined ? undefined : `document ${printed}`,
    receipt === undefined ? undefined : `receipt number ${receipt.number}`,
    drawer === '' ? undefined : `drawer ${drawer}`,
    notice === undefined ? undefined : `the receipt says "${text(notice)}"`,
  ].filter((each) => each !== undefined)
}

/** The number that a fiscal printer gave its document; of other devices it is that of the receipt. */
export function printedNumber(facts: unknown): string | undefined {
  const law = LAWS.find(({ name }) => name === member(facts, 'regime'))
  const number = member(facts, 'document_number')
  return law?.deviceKinds.includes('fiscal_printer') === true && typeof number === 'string' ? number : undefined
}

/** The money that entered the drawer, in euro and in each foreign currency; empty if it did not change. */
function drawerWords(session: EventBody['session']): string {
  const foreign = Object.entries(session?.foreign ?? {}).map(
    ([currency, { units }]) => [units, ` ${currency}`] as const,
  )
  const moved = [[session?.cash ?? 0, ''] as const, ...foreign].filter(([cents]) => cents !== 0)
  return moved
    .map(([cents, currency]) => `${cents > 0 ? '+' : '-'}${(Math.abs(cents) / 100).toFixed(2)}${currency}`)
    .join(', ')
}

/** True if the facts of an event name the operation. */
function isOf(event: ReadEvent, id: string): boolean {
  return member(bodyOf(event).facts, 'operation_id') === id
}

/** An event of a device of the operation, or to its transaction. */
function deviceStep(event: ReadEvent, id: string, devices: ReadonlySet<string>): Step | undefined {
  const { facts, act, transaction } = bodyOf(event)
  const device = member(facts, 'device') ?? act?.device ?? transaction?.device
  const isOurs =
    isOf(event, id) || (typeof device === 'string' && devices.has(device) && !('operation_id' in Object(facts)))
  if (!isOurs) return undefined
  const failure = failureFrom(facts)[0]
  const why = failure === undefined ? '' : `: ${failure.code}: ${failure.message}`
  const changed = factsOf(event, 'device.changed')
  const serviced = factsOf(event, 'device.serviced')
  const words =
    changed !== undefined
      ? `${text(device)} is ${changed.state ?? 'changed'}${why}`
      : serviced !== undefined
        ? `a technician: ${serviced.act ?? ''} on ${text(device)}`
        : `${event.kind.replace('.', ' ').replaceAll('_', ' ')}${device === undefined ? '' : ` on ${text(device)}`}${why}`
  return {
    ...{ seq: event.seq, at: event.at, event: event.kind },
    ...(typeof device === 'string' && { device }),
    ...failure,
    words: [words],
  }
}

/** The main amount of a document with its currency; empty without one. */
export function amountOf(shown: Members): string {
  const names = ['total_amount', 'cash_amount', 'counted_closing_amount', 'opening_balance_amount', 'amount_left']
  const name = names.find((each) => typeof shown[each] === 'string')
  if (name === undefined) return ''
  const foreign = name === 'counted_closing_amount' ? shown['foreign_cash'] : undefined
  return [`${text(shown[name])} ${text(shown['currency'])}`, ...countedWords(foreign)].join(', ')
}

function countedWords(foreign: unknown): string[] {
  const counted = Array.isArray(foreign) ? foreign : []
  return counted.map((each) => `${text(member(each, 'counted_amount'))} ${text(member(each, 'currency'))}`)
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '-'
}
