import { existsSync } from 'node:fs'
import type { RecordedDocument } from '../../../agent/journal/documents/document.ts'
import { isSessionEventKind } from '../../../agent/journal/documents/kind.ts'
import type { Act, Members } from '../../../agent/journal/events.ts'
import type { Change, Conclusion, Goal, LawRules, Moment, Outcome, ReceiptClosings } from '../../../agent/laws/law.ts'
import { decommissioned, fiscalized, notFiscalized } from '../../../agent/laws/registration.ts'
import { localDate, parseRfc3339 } from '../../../base/clock.ts'
import { sha256 } from '../../../base/sha256.ts'
import { messageOf } from '../../../base/thrown.ts'
import { FACTS, KEY, RATE } from './facts.ts'
import type { ShopKey } from './key.ts'

const FIRST = 'first'

/** Each receipt is signed over its number, its amount and the receipt before it; without the key it goes out unsigned. */
export class Ruritanian implements LawRules {
  readonly facts = FACTS
  readonly outage = { sells: true }
  readonly order = 'register'
  readonly zeroRateCodes = []
  readonly closings: ReceiptClosings = { types: ['daily'], asked: (type) => ({ set: { type } }) }
  readonly #key: ShopKey
  readonly #unsigned: string

  constructor(key: ShopKey, unsigned: string) {
    this.#key = key
    this.#unsigned = unsigned
  }

  knowsRate(rate: string, code: string | undefined): boolean {
    return rate === RATE && code === undefined
  }

  checkGoods(): void {}

  records({ kind }: RecordedDocument, goal: Goal): boolean {
    return goal !== 'open' && goal !== 'voided' && !isSessionEventKind(kind)
  }

  next({ parts: { shown } }: RecordedDocument, moment: Moment): Act | undefined {
    const { goal, clientId: client, receiptNumber } = moment
    if (goal === 'fiscalized' || goal === 'decommissioned') {
      const isOver = shown['fiscalization_status'] === goal
      return isOver ? undefined : { name: goal === 'fiscalized' ? 'begin' : 'end', device: KEY, client }
    }
    if (shown['fiscal_information'] != null || stateOf(shown) === 'failed') return undefined
    const previous = String(moment.chain?.['last'] ?? FIRST)
    const amount = String(shown['total_amount'] ?? '0.00')
    return {
      name: 'sign',
      device: KEY,
      client,
      payload: [client, receiptNumber, moment.at, amount, previous].join(';'),
    }
  }

  async perform(act: Act): Promise<Outcome> {
    try {
      if (act.name === 'begin' && !existsSync(this.#key.file)) this.#key.make()
      if (act.name === 'begin') return { kind: 'done', act: 'begin', result: { key: this.#key.publicKey } }
      if (act.name === 'end') return { kind: 'done', act: 'end', result: {} }
      return { kind: 'done', act: 'sign', result: { signature: this.#key.sign(String(act['payload'])) } }
    } catch (error) {
      return { kind: 'failed', code: 'key_missing', message: messageOf(error) }
    }
  }

  /** A signature that is not in the journal is nowhere: it is made again. */
  async askOutcome(): Promise<Outcome> {
    return { kind: 'absent' }
  }

  conclude(document: RecordedDocument, act: Act, outcome: Outcome, { at }: Moment): Conclusion {
    const done = outcome.kind === 'done' ? outcome.result : undefined
    const { code, message } = outcome.kind === 'failed' ? outcome : { code: 'key_missing', message: 'No answer.' }
    if (act.name === 'end') return { set: decommissioned(at) }
    if (document.kind === 'register') {
      if (done !== undefined) return { set: fiscalized(document.shown, String(done['key']), at) }
      return { set: notFiscalized(document.shown, { code, message }, at), verdict: 'stop' }
    }
    const closed =
      document.kind === 'closing' ? { business_date: localDate(parseRfc3339(at) ?? 0, FACTS.timeZone) } : {}
    const error = { code, message, occurred_at: at }
    if (done === undefined)
      return { set: { ...closed, fiscal: { state: 'failed', receipt_text: this.#unsigned, error } } }
    const payload = String(act['payload'])
    const signature = String(done['signature'])
    const facts = { regime: FACTS.name, payload, signature }
    const last = sha256(`${payload};${signature}`).toString('hex')
    return { set: { ...closed, fiscal: { state: 'succeeded' }, fiscal_information: facts }, chain: { last } }
  }

  whenUnknown(): 'wait' {
    return 'wait'
  }

  pending(): Change {
    return { set: { fiscal: { state: 'pending' } } }
  }
}

function stateOf({ fiscal }: Members): unknown {
  return (fiscal as Members | undefined)?.['state']
}
