import { Counter, inCash } from '../../../demo-counter.ts'
import { euros } from '../../../demo-menu.ts'
import type { ShiftStep, ShiftTechnician, ShiftTill } from '../../../demo-shift.ts'
import { at, mustBe } from '../../../demo-shift.ts'
import { collectiveStep } from '../collective.ts'
import { CARD } from '../device.ts'
import { marked } from '../marked.ts'
import { basket, CUP, GINGERBREAD, invoiceOf, PUNCH, SAUSAGE, voucherOf } from './menu.ts'

const FLOAT_CENTS = 10_000
const VOUCHER_CENTS = 5_000
const INVOICE_CENTS = 12_000
const TIP_CENTS = 150
const GUEST = { id: 'kunde-7', name: 'Freiwillige Feuerwehr Graz' }

/** The turnover counter after it: what was signed, without what is on account. */
export const TURNOVER_CENTS = 1500n + 250n - 750n + 5000n + 0n + 12_000n + 1350n + 400n + 0n

/** A day of a stall on a Christmas market, with the receipt of each sale. */
export async function* workDay(till: ShiftTill, technician: ShiftTechnician): AsyncGenerator<ShiftStep> {
  const stall = new Counter(till, basket)
  const shown = async (step: ShiftStep): Promise<ShiftStep> => ({ ...step, slip: await till.receipt(step.operation) })
  yield await stall.opens(FLOAT_CENTS)
  for await (const step of sales(stall)) yield shown(step)
  for await (const step of outage(stall, till, technician)) yield step.slip === undefined ? shown(step) : step
  yield* stall.ends(FLOAT_CENTS)
  yield shown(await dayReport(till))
}

async function* sales(stall: Counter): AsyncGenerator<ShiftStep> {
  yield await stall.take(
    'Punch in deposit cups, cash 20.00',
    [
      [2, PUNCH],
      [2, CUP],
    ],
    [inCash(2000), inCash(-500)],
  )
  yield await stall.take(
    'Another one, and the cups come back',
    [
      [1, PUNCH],
      [1, CUP],
      [-2, CUP],
    ],
    [inCash(250)],
  )
  yield await stall.take('Three cups alone', [[-3, CUP]], [inCash(-750)], { type: 'return' })
  yield await stall.take('A voucher for punch', [[1, voucherOf(VOUCHER_CENTS)]], [inCash(VOUCHER_CENTS)])
  yield await stall.take(
    'The voucher pays for four',
    [
      [4, PUNCH],
      [-1, voucherOf(2000)],
    ],
    [inCash(0)],
  )
  yield await stall.take(
    'An invoice is paid in cash',
    [[1, invoiceOf(INVOICE_CENTS, 'RE-4711')]],
    [inCash(INVOICE_CENTS)],
  )
  const tip = { tip_amount: euros(TIP_CENTS) }
  const card = { method: 'card', amount: euros(2 * SAUSAGE.cents + TIP_CENTS) }
  yield await stall.take('Sausages by card, with a tip', [[2, SAUSAGE]], [card], { completion: tip })
  const account = { method: 'on_account', amount: euros(10 * PUNCH.cents) }
  const more = { customer: GUEST, external_id: 'RE-18' }
  yield notSigned(await stall.take('The fire brigade, on account', [[10, PUNCH]], [account], { more }))
}

/** Without the card a sale over 0.00 needs no receipt of it. */
async function* outage(stall: Counter, till: ShiftTill, technician: ShiftTechnician): AsyncGenerator<ShiftStep> {
  await technician.fault(CARD, 'unplugged@*')
  const sold = await stall.take('The card is pulled out', [[1, GINGERBREAD]], [inCash(GINGERBREAD.cents)])
  yield marked(sold)
  yield notSigned(
    await stall.take(
      'The voucher pays for two, without the card',
      [
        [2, PUNCH],
        [-1, voucherOf(1000)],
      ],
      [inCash(0)],
    ),
  )
  await technician.fault(CARD, 'clear')
  yield await collectiveStep(till, technician)
}

function notSigned(step: ShiftStep): ShiftStep {
  mustBe('fiscal.state', at(step.operation, 'fiscal', 'state'), 'not_required')
  return { ...step, notes: [...step.notes, 'not signed'] }
}

/** Sums by rate, payment and case, with what is on account. */
async function dayReport(till: ShiftTill): Promise<ShiftStep> {
  const operation = await till.close({ type: 'daily' })
  return { title: 'The report of the day', amount: '', operation, notes: [] }
}
