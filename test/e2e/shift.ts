import { today } from '../today.ts'
import type { Bench, Register } from './bench.ts'
import type { Members } from './client.ts'
import { event, goods, pay } from './goods.ts'

/** The drawer is counted: the session can be closed. */
export function counted({ id, till }: Register, amount: string): Promise<unknown> {
  return till.create(event('session_cash_count', id, { counted_closing_amount: amount }))
}

/** The close of the session, with the cash that is put into the drawer or taken out of it. */
export function closing({ id }: Register, adjustment: string, date = today()): Members {
  return event('session_close', id, { business_date: date, closing_adjustment_amount: adjustment })
}

/** A sale over 3.00 whose TSE is unplugged after its start; returns its id. */
export async function soldInOutage(bench: Bench, { id, till }: Register): Promise<string> {
  const sale = await till.create(goods('sale', id, [['3.00', '0.07']]))
  await bench.fault('unplugged@*')
  await till.complete(sale, [pay('cash', '3.00')])
  await bench.untilDevice('down')
  return sale.id
}

/** The TSE is back, and the transaction that it has open is ended; returns the body of that event. */
export async function abortedAfterOutage(bench: Bench): Promise<Members> {
  await bench.fault('clear')
  return bench.until(() => bodies(bench, 'transaction.aborted')[0])
}

/** Counts the present cash, whatever was expected, and closes the session. */
export async function endShift(register: Register, date = today()): Promise<void> {
  await counted(register, '50.00')
  await register.till.create(closing(register, '0.00', date))
}

/** Opens a session with an empty drawer. */
export async function opens({ id, till }: Register): Promise<void> {
  await till.create(event('session_open', id, { opening_balance_amount: '0.00' }))
}

/** Counts what is expected, and closes the session on the date of its opening. */
export async function closes({ id, till }: Register): Promise<void> {
  const session = await till.get(`/v1/registers/${id}/session`)
  const date = String(session['opened_at']).slice(0, 10)
  await till.create(event('session_cash_count', id, { counted_closing_amount: session['expected_closing_amount'] }))
  await till.create(event('session_close', id, { business_date: date }))
}

/** Counts what is expected, and closes the session. */
export async function closeExpected(register: Register): Promise<void> {
  const { till, id } = register
  const { expected_closing_amount: expected } = await till.get(`/v1/registers/${id}/session`)
  await counted(register, String(expected))
  await till.create(closing(register, '0.00'))
}

/** The same, and reports the shift. */
export async function closeAndReport(register: Register): Promise<Members> {
  await closeExpected(register)
  return register.till.post(`/v1/registers/${register.id}/closings`, { type: 'shift' })
}

/** Bodies of the events of a kind. */
export function bodies(bench: Bench, kind: string): Members[] {
  return bench
    .journal()
    .filter((event) => event.kind === kind)
    .map(({ body }) => JSON.parse(body) as Members)
}
