import { formatCents } from '../../../base/money.ts'
import { centsIn, textIn } from '../checked.ts'
import { isOperationKind } from '../documents/kind.ts'
import { partsOf } from '../documents/parts.ts'
import type { EventBody } from '../events.ts'
import type { RunningSession } from './state-maps.ts'

type Amounts = Readonly<Record<string, unknown>>
type Count = { readonly op: string; readonly at: string }
/** Facts of a finding about the count of that time: English, German and Italian. */
export type CountFacts = { readonly at: string; readonly what: string; readonly was: string; readonly cosa: string }
type Words = Omit<CountFacts, 'at'>

const AMOUNTS = ['expected_closing_amount', 'counted_closing_amount', 'closing_cashcount_diff'] as const

/**
 * The till's rules for a count, a second time: a TSE signs a count and a tax-free sale with one text, so that an editor may make
 * either of the other. After a count only a count with another amount follows, which corrects it, or the close.
 */
export class CountedSessions {
  /** The newest count of each session that is counted. */
  readonly #counts = new Map<string, Count>()

  /** `session`: before the event. `open`: an operation of it that was begun and has not ended. */
  note(
    { op, at }: Count,
    body: EventBody,
    session: RunningSession | undefined,
    open: (session: string) => string | undefined,
  ): CountFacts | undefined {
    const { index, session: mark } = body
    if (session === undefined) return undefined
    const before = this.#counts.get(session.id)
    const state = mark?.set?.['state']
    if (state === 'closed') this.#counts.delete(session.id)
    if (index?.kind === 'session_cash_count' && !isInterim(body)) {
      this.#counts.set(session.id, { op, at })
      const words = amountWords(body) ?? orderWords(body, session, before) ?? openWords(open(session.id))
      return words && { at, ...words }
    }
    // Bons that a TSE had lost are taken over into a counted session, too: they begin no operation.
    const isBegin = index !== undefined && isOperationKind(index.kind) && state !== 'closed'
    return before !== undefined && isBegin ? { at: before.at, ...followedBy(op, index.kind) } : undefined
  }
}

export function expectedFacts<Stated extends { stated: string; counted: string }>(facts: Stated): Stated & Words {
  const { stated, counted } = facts
  return {
    ...facts,
    what: `recorded ${stated} as expected, the events come to ${counted}`,
    was: `als Sollbestand ist ${stated} abgesichert, die Aufzeichnungen ergeben ${counted}`,
    cosa: `il saldo atteso registrato è ${stated}, dalle registrazioni risulta ${counted}`,
  }
}

/** One that books nothing and leaves its session open; no law records it. */
function isInterim({ set, law }: EventBody): boolean {
  return set?.['interim'] === true && law === undefined
}

/** The count as its session has it is that of its operation, and it agrees with itself. */
function amountWords(body: EventBody): Words | undefined {
  const [shown, kept] = [partsOf(body).shown as Amounts, (body.session?.set ?? {}) as Amounts]
  const isSame = AMOUNTS.every((member) => shown[member] === kept[member])
  const [expected, counted, stated] = AMOUNTS.map((member) => centsIn(kept[member])) as [bigint, bigint, bigint]
  const [recorded, difference] = [formatCents(stated), formatCents(counted - expected)]
  if (isSame && recorded === difference) return undefined
  return {
    what: `recorded ${recorded} as its difference, its amounts come to ${difference}`,
    was: `als Differenz ist ${recorded} aufgezeichnet, seine Beträge ergeben ${difference}`,
    cosa: `la differenza registrata è ${recorded}, dai suoi importi risulta ${difference}`,
  }
}

/** A first count corrects none, a further one the newest, by what they differ. */
function orderWords(body: EventBody, session: RunningSession, before: Count | undefined): Words | undefined {
  const { shown, own } = partsOf(body)
  const { corrects_operation_id: corrected, correction_amount: amount } = shown as Amounts
  if (before === undefined && corrected === undefined && amount === undefined) return undefined
  if (before === undefined || corrected !== before.op)
    return {
      what: `corrects ${textIn(corrected) ?? 'nothing'}, the newest count is ${before?.op ?? 'none'}`,
      was: `berichtigt ${textIn(corrected) ?? 'nichts'}, der letzte Kassensturz ist ${before?.op ?? 'keiner'}`,
      cosa: `conteggio rettificato: ${textIn(corrected) ?? 'nessuno'}, ultimo conteggio: ${before?.op ?? 'nessuno'}`,
    }
  const [counted, earlier] = [shown, session.doc.shown as Amounts].map((each) =>
    centsIn(each['counted_closing_amount']),
  )
  const difference = (counted ?? 0n) - (earlier ?? 0n)
  const isOther = difference !== 0n || own.foreign !== undefined
  const [stated, comesTo] = [formatCents(centsIn(amount)), formatCents(difference)]
  if (isOther && stated === comesTo) return undefined
  return {
    what: `corrects ${before.op} by ${stated}, both counts differ by ${comesTo}`,
    was: `berichtigt ${before.op} um ${stated}, beide Zählungen weichen um ${comesTo} voneinander ab`,
    cosa: `rettifica ${before.op} di ${stated}, i due conteggi differiscono di ${comesTo}`,
  }
}

function openWords(open: string | undefined): Words | undefined {
  if (open === undefined) return undefined
  return {
    what: `was made while ${open} was open`,
    was: `entstand, als ${open} offen war`,
    cosa: `effettuato mentre ${open} era aperta`,
  }
}

function followedBy(op: string, kind: string): Words {
  return {
    what: `was followed by ${op} (${kind}); only a correction or the close may follow`,
    was: `darauf folgt ${op} (${kind}); folgen dürfen nur eine Berichtigung oder der Kassenabschluss`,
    cosa: `segue ${op} (${kind}); sono ammesse solo una rettifica o la chiusura`,
  }
}
