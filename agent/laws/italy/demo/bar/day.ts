import type { Payment } from '../../../demo-counter.ts'
import { Counter, inCash } from '../../../demo-counter.ts'
import type { Entry } from '../../../demo-menu.ts'
import { euros, grossOf } from '../../../demo-menu.ts'
import type { ShiftStep, ShiftTechnician, ShiftTill } from '../../../demo-shift.ts'
import { at } from '../../../demo-shift.ts'
import { PRINTER } from '../proofs.ts'
import { BEANS, BISCUITS, basket, CATERING, COFFEE, CRATE, CROISSANT, LUNCH, WATER } from './menu.ts'

const FLOAT_CENTS = 15_000
const TICKETS = 5
const TICKETS_CENTS = 4000

/** The titles of steps that the proof reads. */
export const X_REPORT = 'X report, before the Z'
export const Z_REPORT = 'Daily closing'

/** A day of a bar: each way of paying, and printouts between two sales. */
export async function* workDay(till: ShiftTill, technician: ShiftTechnician): AsyncGenerator<ShiftStep> {
  const bar = new Counter(till, basket)
  yield await bar.opens(FLOAT_CENTS)
  yield* sales(bar)
  yield* comesBack(bar, till)
  yield* lostReply(bar, technician)
  yield await printed(till, 'drawer', 'The drawer is opened')
  yield* bar.ends(FLOAT_CENTS)
  yield await printed(till, 'x_report', X_REPORT)
  const z = await till.close({})
  yield { title: Z_REPORT, amount: '', operation: z, notes: [`Z ${at(z, 'document_number')} of the printer`] }
}

async function* sales(bar: Counter): AsyncGenerator<ShiftStep> {
  const rounding = { method: 'rounding', amount: '0.02' }
  yield noted(
    await bar.take('Coffee, rounded down', [[1, COFFEE]], [inCash(130), rounding]),
    '1.30 in cash, 0.02 rounded off',
  )
  const lunch: readonly Entry[] = [[5, LUNCH]]
  const tickets = { method: 'voucher', amount: euros(TICKETS_CENTS), count: TICKETS }
  yield noted(
    await bar.take('Lunch with meal vouchers', lunch, [tickets, inCash(grossOf(lunch) - TICKETS_CENTS)]),
    `${TICKETS} vouchers of ${euros(TICKETS_CENTS / TICKETS)}, the rest in cash`,
  )
  const breakfast: readonly Entry[] = [
    [2, CROISSANT],
    [1, BISCUITS],
  ]
  yield noted(await bar.take('Breakfast, biscuits on the house', breakfast, [byCard(breakfast)]), 'omaggio')
  const catering: readonly Entry[] = [[1, CATERING]]
  const later = { method: 'other', amount: euros(grossOf(catering)), tender: 'non_riscosso_servizi' }
  const step = await bar.take('Catering, paid at the end of the month', catering, [later])
  yield noted(step, 'non riscosso servizi', ...hintsOf(step))
}

/** Empties, a gift that may be exchanged, and goods with no document but the slip of a card. */
async function* comesBack(bar: Counter, till: ShiftTill): AsyncGenerator<ShiftStep> {
  const water: readonly Entry[] = [
    [2, WATER],
    [-1, CRATE],
  ]
  yield noted(await bar.take('Water, and an empty crate comes back', water, [byCard(water)]), 'two documents')
  const beans: readonly Entry[] = [[1, BEANS]]
  yield await bar.take('Coffee beans, a gift', beans, [byCard(beans)])
  yield await printed(till, 'gift_receipt', 'The receipt for the gift, without prices')
  const back: readonly Entry[] = [[-1, BEANS]]
  const evidence = `POS ${italianDay(till.businessDate)}`
  const more = { external_related_operation: { description: 'Scontrino POS', external_operation_id: evidence } }
  yield noted(
    await bar.take('Beans come back, without their receipt', back, [byCard(back)], { type: 'return', more }),
    evidence,
  )
}

async function* lostReply(bar: Counter, technician: ShiftTechnician): AsyncGenerator<ShiftStep> {
  await technician.fault(PRINTER, 'lost-answer@=T')
  const coffee: readonly Entry[] = [
    [1, COFFEE],
    [1, CROISSANT],
  ]
  const step = await bar.take('Coffee, the reply of the printer is lost', coffee, [byCard(coffee)])
  yield noted(step, 'the printer was asked, and had printed it: once')
}

async function printed(till: ShiftTill, type: string, title: string): Promise<ShiftStep> {
  const operation = await till.send('POST', `/v1/registers/${till.register}/printouts`, { type })
  const notes = [type === 'drawer' ? 'logged before it opens' : 'nothing is journalled']
  return { title, amount: '', operation, notes }
}

export function byCard(entries: readonly Entry[]): Payment {
  return { method: 'card', amount: euros(grossOf(entries)) }
}

export function noted(step: ShiftStep, ...notes: readonly string[]): ShiftStep {
  return { ...step, notes: [...step.notes, ...notes] }
}

export function hintsOf({ operation }: Pick<ShiftStep, 'operation'>): readonly string[] {
  return ((operation['hints'] ?? []) as readonly unknown[]).map((hint) => `hint ${at(hint, 'code')}`)
}

/** `2026-11-24` is `24-11-2026`. */
function italianDay(day: string): string {
  return day.split('-').reverse().join('-')
}
