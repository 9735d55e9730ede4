import { createSecretKey, randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import { FiskalError } from '../../../agent/errors.ts'
import type { DocumentOf, RecordedDocument } from '../../../agent/journal/documents/document.ts'
import type { OperationKind } from '../../../agent/journal/documents/kind.ts'
import type { Act, Members, Parts } from '../../../agent/journal/events.ts'
import { CardActs } from '../../../agent/laws/austria/acts.ts'
import type { CardAct, CardOutcome } from '../../../agent/laws/austria/card-act.ts'
import { writeDep7 } from '../../../agent/laws/austria/dep7.ts'
import { AustrianRules } from '../../../agent/laws/austria/rules.ts'
import type { ReceiptKind } from '../../../agent/laws/austria/special-receipts.ts'
import { jwsIn, stateMembers } from '../../../agent/laws/austria/state.ts'
import type { Goal, LawChange, Moment } from '../../../agent/laws/law.ts'
import { rfc3339 } from '../../../base/clock.ts'
import { CardSimulator } from '../../../drivers/card-simulator/driver.ts'
import type { SignatureCardIdentity } from '../../../drivers/ports/signature-card.ts'
import { verifyDep7 } from '../../../verify/rksv/verify-dep7.ts'
import { ManualClock } from '../../manual-clock.ts'
import { documentOf } from '../../some-document.ts'
import { usableCard } from './usable-card.ts'

export const aesKey = createSecretKey(randomBytes(32))
export const units = ['card-1', 'card-2']
/** Asked by the till alone. */
export const reports = { types: [], report: () => Promise.resolve(undefined), sessionsOf: () => [] }
export const WORDS = 'Sicherheitseinrichtung ausgefallen'

export let directory: string
export let clock: ManualClock
export let cards: Map<string, CardSimulator>
export let names: Map<string, SignatureCardIdentity>
export let down: Set<string>
/** When a unit last came or went, if that is not now. */
export let since: Map<string, number>
export let chain: Members | undefined
export let closings: Members[]
export let dep: string[]
export let rules: AustrianRules

/** A register of Austrian law with two units for each test of a file. */
export function useTill(): void {
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'rksv-regime-'))
    clock = new ManualClock(Date.parse('2026-02-03T09:00:00Z'))
    cards = new Map(
      units.map((id) => [id, new CardSimulator({ directory: join(directory, id), clock, replyMs: 60_000 })]),
    )
    names = new Map()
    for (const [id, card] of cards) names.set(id, await card.identity())
    down = new Set()
    since = new Map()
    chain = undefined
    closings = []
    dep = []
    const acts = new CardActs({ cardOf, clock })
    const unitsOf = () => units
    const usableSinceMs = (id: string) => (down.has(id) ? undefined : (since.get(id) ?? clock.now()))
    const isAwaited = () => false
    const keys = { aesKeyOf: () => aesKey, holdsKey: () => true, isPutBack: () => false, reports }
    rules = new AustrianRules({
      ...keys,
      usableSinceMs,
      isAwaited,
      unitsOf,
      unitNameOf: (id) => names.get(id),
      acts,
      clock,
    })
  })
  afterEach(async () => {
    for (const card of cards.values()) await card.close()
    await rm(directory, { recursive: true })
  })
}

export function cardOf(id: string) {
  return usableCard(id, cards, down, names.get(id))
}

export function moment(goal: Goal): Moment {
  return {
    at: rfc3339(clock.now()),
    receiptNumber: 1,
    goal,
    isAnswered: false,
    device: 'card-1',
    clientId: 'BOX-1',
    registerId: 'reg_1',
    merchantId: 'merchant_1',
    chain,
    newId: () => `cls_${dep.length}`,
  }
}

export function stored<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T
}

export function concluded(
  document: RecordedDocument,
  act: Act,
  outcome: CardOutcome,
  goal: Goal,
): { document: RecordedDocument; isStopped: boolean } {
  const conclusion = rules.conclude(document, act, outcome, moment(goal))
  const { chain: after, documents: born = [], verdict } = conclusion
  if (typeof verdict === 'object') throw new FiskalError(verdict.code, verdict.message, verdict.details)
  if (after) chain = stored(after)
  for (const closing of born) closings.push({ ...closing.set, receipt: closing.receipt })
  dep.push(...[...born, conclusion].flatMap(({ law }) => (law && jwsIn({ law })) ?? []))
  return { document: document.with(conclusion) as RecordedDocument, isStopped: verdict === 'stop' }
}

/** The first act, as the journal keeps it. */
export function planned(document: RecordedDocument, goal: Goal): CardAct {
  const act = rules.next(document, moment(goal))
  if (!act) throw new Error('an act was expected')
  return stored(act)
}

/** Runs a document to its goal like the till: plan, keep, act, conclude, until nothing is left to do. */
export async function carry(document: RecordedDocument, goal: Goal): Promise<RecordedDocument> {
  let current = document
  for (let steps = 0; steps < 12; steps += 1) {
    const act = rules.next(current, moment(goal))
    if (!act) return current
    const outcome = down.has(act.device)
      ? { kind: 'failed' as const, code: 'unavailable', message: 'out' }
      : await rules.perform(stored(act))
    const { document: after, isStopped } = concluded(current, stored(act), outcome, goal)
    if (isStopped) return after
    current = after
  }
  throw new Error('the goal was not reached')
}

export let documents = 0
export function sale(total = '12.00', more: Members & { type?: OperationKind } = {}, own: Parts['own'] = {}) {
  documents += 1
  const { type = 'sale' } = more
  const line = { total_amount: total, type: 'item', taxes: [{ rate: '0.20' }] }
  const id = `op_${documents}`
  const set = { id, register_id: 'reg_1', type, line_items: [line], fiscal_information: null, ...more }
  return documentOf(type, { set, own })
}

export function closing(kind: ReceiptKind, period = ''): DocumentOf<'closing'> {
  return documentOf('closing', { set: { register_id: 'reg_1' }, law: stateMembers({ receipt: { kind, period } }) })
}

export function register(): DocumentOf<'register'> {
  return documentOf('register', {
    set: { id: 'reg_1', fiscalization_status: 'pending', fiscalization: { regime: 'RKSV' } },
    law: { name: 'RKSV' },
  })
}

export function start(): Promise<RecordedDocument> {
  return carry(register(), 'fiscalized')
}

/** What a register owes without a request, by its chain. */
export function owedBy(register: RecordedDocument): LawChange | undefined {
  if (register.kind !== 'register') throw new Error('a register was expected')
  return rules.dueReceipts.due(register, chain ?? {})
}

/** What is answered of a document, as members. */
export function shown({ parts }: RecordedDocument): Members {
  return parts.shown
}

/** Kinds of the receipts without an operation. */
export function specials(): unknown[] {
  return closings.map((one) => one['type'])
}

export function numberOf(document: RecordedDocument): string {
  return String((shown(document)['fiscal_information'] as Members | undefined)?.['receipt_number'])
}

export async function verifiedDep() {
  const certificates: Uint8Array[] = []
  for (const card of cards.values()) certificates.push(...(await card.identity()).certificates.slice(0, 1))
  const file = writeDep7(dep, () => ({ certificate: undefined, issuers: [] }))
  return await verifyDep7(file, { aesKey, certificates })
}
