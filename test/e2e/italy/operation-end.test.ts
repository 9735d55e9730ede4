// @module-tag heavy
import { expect, test } from 'vitest'
import { inEuro } from '../../../agent/register/payments.ts'
import { fiskalEdge, ownConfig } from '../../cli/command.ts'
import type { Bench, Register } from '../bench.ts'
import type { Members, Operation } from '../client.ts'
import { completion } from '../client.ts'
import { event, pay } from '../goods.ts'
import { PrinterBeside } from './printer-beside.ts'
import { italianTill, movement, sell } from './shop.ts'

const SPOON = { title: 'Cucchiaio', amount: '5.00' }
const POT = { title: 'Teiera', amount: '35.00' }

type Shop = { bench: Bench; printer: PrinterBeside; register: Register; sold: Operation; open: Operation }

/** A cup of 20.00 was sold in cash and is exchanged: the return is printed, and `fault` strikes the sale. */
async function halfDone(
  given: typeof SPOON,
  payments: readonly Members[],
  use: (shop: Shop) => Promise<void>,
  fault = 'error=ES0001@=R#2-99',
): Promise<void> {
  await using printer = await PrinterBeside.open()
  await using bench = await printer.agent({ deadlineMs: 2000 })
  const register = await italianTill(bench, '50.00')
  const sold = await sell(register, '20.00')
  const lines = [{ title: 'Tazza', amount: '-20.00' }, given]
  const open = await register.till.create(movement('exchange', register, lines, { related_operation_id: sold.id }))
  printer.simulator.inject(fault)
  const refused = await register.till.refused(completion(open, payments))
  expect(refused.fiscal_effect).not.toBe('none')
  await use({ bench, printer, register, sold, open })
}

function paid(done: Operation): string[][] {
  const payments = 'payments' in done ? (done.payments ?? []) : []
  return payments.map((payment) => [payment.method, inEuro(payment).amount])
}

async function ended({ bench, open }: Shop): Promise<Members> {
  return (await bench.agent.administration.endOperation(open.id, 'Stampante senza reparto')) as Members
}

const RETURNED = { document_type: 'return', document_number: '0142-0002' }

test('an exchange ends with only its return: payments, lines, drawer and closing are those of the paper', () =>
  halfDone(SPOON, [pay('cash', '-10.00'), pay('card', '-5.00')], async (shop) => {
    const { bench, printer, register, open } = shop
    const count = event('session_cash_count', register.id, { counted_closing_amount: '55.00' })
    expect((await register.till.refused({ path: '/v1/operations', body: count })).code).toBe('open_operations')
    const standing = await bench.agent.administration.halfPrinted(open.id)
    expect(await ended(shop)).toEqual(standing)
    const done = await register.till.read(open.id)
    expect(done).toMatchObject({
      ...{ status: 'completed', resource_version: 2, completed_at: expect.any(String) },
      ...{ total_amount: '-20.00', tax_amount: '-3.61', pretax_amount: '-16.39', tip_amount: '0.00' },
      line_items: [{ title: 'Tazza', total_amount: '-20.00' }],
      hints: [{ code: 'exchange_ended_with_return' }],
      fiscal: { state: 'succeeded' },
      fiscal_information: { regime: 'RT', ...RETURNED, documents: [RETURNED] },
    })
    expect(paid(done)).toEqual([
      ['card', '-5.00'],
      ['cash', '-15.00'],
    ])
    expect(await register.till.create(count)).toMatchObject({
      ...{ expected_closing_amount: '55.00', closing_cashcount_diff: '0.00' },
    })
    const closing = await register.till.post(`/v1/registers/${register.id}/closings`, {})
    expect(closing['totals']).toMatchObject({
      vat: [{ name: 'IVA 22 %', amount: '0.00', tax_amount: '0.00' }],
      payments: [
        { name: 'Carte elettroniche', amount: '-5.00' },
        { name: 'Contanti', amount: '5.00' },
      ],
      business_cases: [
        { name: 'Vendite', amount: '20.00' },
        { name: 'Resi', amount: '-20.00' },
        { name: 'Annulli', amount: '0.00' },
      ],
    })
    expect(printer.documents.map(({ kind, cashCents }) => [kind, cashCents])).toEqual([
      ['sale', 2000],
      ['return', -1500],
    ])
  }))

test('if the sale would have come to more, the return has paid out in cash', () =>
  halfDone(POT, [pay('card', '15.00')], async (shop) => {
    await ended(shop)
    const { register, open, bench } = shop
    expect(paid(await register.till.read(open.id))).toEqual([['cash', '-20.00']])
    expect((await register.till.refused(completion(open, [pay('card', '15.00')]))).code).toBe('precondition_failed')
    const again = { ...completion(open, [pay('cash', '-20.00')]), ifMatch: 2 }
    expect((await register.till.refused(again)).code).toBe('operation_invalid_state')
    await expect(ended(shop)).rejects.toMatchObject({ code: 'operation_invalid_state' })
    const back = movement('return', register, [{ title: 'Teiera', amount: '-35.00' }], {
      related_operation_id: open.id,
    })
    const refused = await register.till.refused({ path: '/v1/operations', body: back })
    expect(refused.code).toBe('related_operation_invalid')
    const { text } = await register.till.call({ path: `/v1/operations/${open.id}/receipt?format=text` })
    expect(text).toContain('Tazza')
    expect(text).not.toContain('Teiera')
    expect(bench.journal().filter(({ kind }) => kind === 'operation.cut_short')).toHaveLength(1)
    expect(bench.journal().find(({ kind }) => kind === 'operation.cut_short')?.body).toContain(
      'Stampante senza reparto',
    )
  }))

test('it exists after a restart as well, and the handed out goods are a new sale', () =>
  halfDone(POT, [pay('card', '15.00')], async (shop) => {
    const { bench, register, printer, open } = shop
    await bench.restart()
    await bench.untilDevice('ready')
    await ended(shop)
    printer.simulator.clearFaults()
    await sell(register, '35.00')
    expect(printer.documents.map(({ kind }) => kind)).toEqual(['sale', 'return', 'sale'])
    expect(await bench.agent.administration.deviceAct('rt-1', 'last-document')).toMatchObject({ agrees: true })
    expect((await register.till.read(open.id)).status).toBe('completed')
  }))

test('nothing ends while the printer has not reported whether the second one was printed', () =>
  halfDone(
    POT,
    [pay('card', '15.00')],
    async (shop) => {
      await expect(ended(shop)).rejects.toMatchObject({ code: 'reconciling' })
      expect((await shop.register.till.read(shop.open.id)).status).toBe('open')
    },
    'unplugged=60000@=T#3',
  ))

test('an operation that is complete, or has nothing on paper, has nothing to end', async () => {
  await using printer = await PrinterBeside.open()
  await using bench = await printer.agent()
  const register = await italianTill(bench)
  const end = (id: string) => bench.agent.administration.endOperation(id, 'x')
  const sold = await sell(register, '20.00')
  const open = await register.till.create(movement('sale', register, [SPOON]))
  await expect(end(sold.id)).rejects.toMatchObject({ code: 'operation_invalid_state' })
  await expect(end(open.id)).rejects.toMatchObject({ code: 'operation_invalid_state' })
  await expect(end('op_none')).rejects.toMatchObject({ code: 'not_found' })
  await expect(end(register.id)).rejects.toMatchObject({ code: 'not_found' })
})

test('the command shows what is on paper, asks, and ends it through the running agent', () =>
  halfDone(SPOON, [pay('cash', '-15.00')], async ({ bench, printer, register, open }) => {
    const config = ownConfig([printer.device()], { state: bench.config.state })
    const end = (...more: string[]) =>
      fiskalEdge('operation', 'end', open.id, '--reason', 'Reparto chiuso', '--config', config, ...more)
    const asked = await end()
    expect([asked.code, asked.out]).toEqual([1, ''])
    expect(asked.err).toMatch(
      /not_confirmed: On paper: return 0142-0002 of printer 72IV6\d{6}\. Paid: -20\.00 \(cash\)\./,
    )
    expect((await register.till.read(open.id)).status).toBe('open')
    const { code, out } = await end('--yes', '--json')
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ operation_id: open.id, documents: [RETURNED] })
    expect(await register.till.read(open.id)).toMatchObject({ status: 'completed', fiscal_information: RETURNED })
    expect(await fiskalEdge('journal', 'verify', '--config', config)).toMatchObject({ code: 0 })
    expect(await end('--yes')).toMatchObject({ code: 1, err: expect.stringContaining('operation_invalid_state') })
  }))
