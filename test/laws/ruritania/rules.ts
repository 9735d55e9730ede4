import { existsSync } from 'node:fs'
import type { DocumentOf, RecordedDocument } from '../../../agent/journal/documents/document.ts'
import { isGoods } from '../../../agent/journal/documents/document.ts'
import { isSessionEventKind } from '../../../agent/journal/documents/kind.ts'
import type { Act } from '../../../agent/journal/events.ts'
import type { Conclusion, Goal, LawChange, LawRules, Moment, ReceiptClosings } from '../../../agent/laws/law.ts'
import type { OutcomeOf } from '../../../agent/laws/outcome-of.ts'
import { outcomeOf } from '../../../agent/laws/outcome-of.ts'
import { decommissioned, fiscalized, notFiscalized } from '../../../agent/laws/registration.ts'
import { localDate, parseRfc3339 } from '../../../base/clock.ts'
import { sha256 } from '../../../base/sha256.ts'
import { messageOf } from '../../../base/thrown.ts'
import { FACTS, KEY, RATE } from './facts.ts'
import type { ShopKey } from './key.ts'
import type { KeyAct, KeyOutcome, SignAct } from './key-act.ts'
import { keyActOf } from './key-act.ts'
import { MEMBERS } from './members.ts'
import { chainMembers, chainOf, stateMembers, stateOf } from './state.ts'

type Register = DocumentOf<'register'>
/** A document that is signed. */
type Receipt = Exclude<RecordedDocument, Register>

const FIRST = 'first'

/** Each receipt is signed over its number, its amount and the receipt before it; without the key it goes out unsigned. */
export class Ruritanian implements LawRules {
  readonly facts = FACTS
  readonly outage = { sells: true }
  readonly order = 'register'
  readonly members = MEMBERS
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

  next(document: RecordedDocument, moment: Moment): KeyAct | undefined {
    if (document.kind !== 'register') return isFinished(document) ? undefined : signAct(document, moment)
    const { goal, clientId: client } = moment
    if (document.shown.fiscalization_status === goal) return undefined
    return { name: goal === 'fiscalized' ? 'begin' : 'end', device: KEY, client }
  }

  async perform(intended: Act): Promise<KeyOutcome> {
    const act = keyActOf(intended)
    try {
      switch (act.name) {
        case 'begin':
          if (!existsSync(this.#key.file)) this.#key.make()
          return { kind: 'done', act: 'begin', result: { key: this.#key.publicKey } }
        case 'sign':
          return { kind: 'done', act: 'sign', result: { signature: this.#key.sign(act.payload) } }
        case 'end':
          return { kind: 'done', act: 'end', result: {} }
        default:
          return act satisfies never
      }
    } catch (error) {
      return { kind: 'failed', code: 'key_missing', message: messageOf(error) }
    }
  }

  /** A signature that is not in the journal is nowhere: it is made again. */
  async askOutcome(): Promise<KeyOutcome> {
    return { kind: 'absent' }
  }

  conclude(document: RecordedDocument, intended: Act, outcome: KeyOutcome, { at }: Moment): Conclusion {
    const act = keyActOf(intended)
    if (document.kind === 'register') {
      if (act.name === 'begin') return concludeBegin(document, outcomeOf(outcome, 'begin'), at)
      if (act.name === 'end') return { set: decommissioned(at) }
    } else if (act.name === 'sign') return this.#concludeSign(document, act, outcomeOf(outcome, 'sign'), at)
    throw new TypeError(`${act.name} is not an act of a ${document.kind}`)
  }

  #concludeSign(
    document: Receipt,
    { payload }: SignAct,
    outcome: OutcomeOf<KeyOutcome, 'sign'>,
    at: string,
  ): Conclusion {
    const dated = document.kind === 'closing' ? { business_date: localDate(parseRfc3339(at) ?? 0, FACTS.timeZone) } : {}
    if (outcome.kind !== 'done') {
      const error = { ...causeOf(outcome), occurred_at: at }
      const fiscal = { state: 'failed', receipt_text: this.#unsigned, error }
      return { set: { ...dated, fiscal }, law: stateMembers({ unsigned: true }) }
    }
    const { signature } = outcome.result
    const facts = { regime: FACTS.name, payload, signature }
    const last = sha256(`${payload};${signature}`).toString('hex')
    return {
      set: { ...dated, fiscal: { state: 'succeeded' }, fiscal_information: facts },
      chain: chainMembers({ last }),
    }
  }

  whenUnknown(): 'wait' {
    return 'wait'
  }

  pending(): LawChange {
    return { set: { fiscal: { state: 'pending' } } }
  }
}

/** Signed, or gone out without a signature. */
function isFinished(document: Receipt): boolean {
  if (stateOf(document).unsigned === true) return true
  return document.kind !== 'drawer_opening' && document.shown.fiscal_information != null
}

function signAct(document: Receipt, { clientId: client, receiptNumber, at, chain }: Moment): SignAct {
  const amount = isGoods(document) ? document.shown.total_amount : '0.00'
  const payload = [client, receiptNumber, at, amount, chainOf(chain)?.last ?? FIRST].join(';')
  return { name: 'sign', device: KEY, client, payload }
}

function concludeBegin(register: Register, outcome: OutcomeOf<KeyOutcome, 'begin'>, at: string): Conclusion {
  if (outcome.kind !== 'done') return { set: notFiscalized(register.shown, causeOf(outcome), at), verdict: 'stop' }
  return { set: fiscalized(register.shown, outcome.result.key, at) }
}

function causeOf(outcome: Exclude<KeyOutcome, { kind: 'done' }>): { code: string; message: string } {
  if (outcome.kind !== 'failed') return { code: 'key_missing', message: 'No answer.' }
  const { code, message } = outcome
  return { code, message }
}
