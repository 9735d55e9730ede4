// @module-tag heavy
import { describe, expect, test } from 'vitest'
import { localDate } from '../../../base/clock.ts'
import type { PrintedRecord } from '../../../drivers/rt/simulated-memory.ts'
import type { Bench, Register } from '../bench.ts'
import type { Operation } from '../client.ts'
import { completion } from '../client.ts'
import { pay } from '../goods.ts'
import type { FamilyName } from './printer-beside.ts'
import { PrinterBeside, printerOf } from './printer-beside.ts'
import { italianTill, movement, receiptOf, wordsOf } from './shop.ts'

type Use = (shop: { bench: Bench; register: Register; printed: () => readonly PrintedRecord[] }) => Promise<void>

async function atPrinter(family: FamilyName, use: Use): Promise<void> {
  await using printer = await printerOf(family)
  await using bench = await printer.agent()
  await use({ bench, register: await italianTill(bench), printed: () => printer.documents })
}

/** A sale of the web shop over 20.00. */
async function soldOnline(bench: Bench, register: Register, isPaid = true): Promise<Operation> {
  const { register_id: _, ...online } = movement('sale', register, [{ title: 'Tazza', amount: '20.00' }])
  const open = await bench.office.create({ ...online, source: 'ONLINE' })
  return isPaid ? bench.office.complete(open, [pay('online', '20.00')]) : open
}

/** The day in Italy on which it was completed. */
function dayOf({ completed_at: at }: Operation): string {
  return localDate(Date.parse(at ?? ''), 'Europe/Rome')
    .split('-')
    .reverse()
    .join('-')
}

describe.each<FamilyName>(['rch', 'custom', 'epson'])('%s: goods sold online come back at the till', (family) => {
  test('a return names no document: ND, with the day of the sale', () =>
    atPrinter(family, async ({ bench, register, printed }) => {
      const sold = await soldOnline(bench, register)
      const back = movement('return', register, [{ title: 'Tazza', amount: '-20.00' }], {
        related_operation_id: sold.id,
      })
      const code = { customer: { lottery_code: 'ABCD1234' } }
      const refusal = { status: 422, fiscal_effect: 'none', details: { pointer: '/customer/lottery_code' } }
      const body = { ...back, ...code }
      expect(await register.till.refused({ path: '/v1/operations', body })).toMatchObject(refusal)
      const open = await register.till.create(back)
      const call = completion(open, [pay('cash', '-20.00')], code)
      expect(await register.till.refused(call)).toMatchObject(refusal)
      const taxCode = { customer: { tax_number: 'RSSMRA80A01H501U' } }
      const done = receiptOf(await register.till.complete(open, [pay('cash', '-20.00')], taxCode))
      expect(done).toMatchObject({
        ...{ document_type: 'return', document_number: '0142-0001' },
        reference: `ND ${dayOf(sold)}`,
      })
      const [reso] = printed()
      expect([reso?.kind, reso?.totalCents]).toEqual(['return', 2000])
      const words = wordsOf(reso).join('\n')
      expect(words).toContain('RSSMRA80A01H501U')
      expect(words).toContain(`N. 0000-0000 del ${dayOf(sold)}`)
      expect(words).toMatch(family === 'epson' ? /#RESO ND \d\d-\d\d-\d{4}/ : /^RT ND$/m)
    }))

  test('an exchange takes it back and sells', () =>
    atPrinter(family, async ({ bench, register, printed }) => {
      const { id } = await soldOnline(bench, register)
      const lines = [
        { title: 'Tazza', amount: '-20.00' },
        { title: 'Teiera', amount: '35.00' },
      ]
      const more = { related_operation_id: id, customer: { lottery_code: 'ABCD1234' } }
      const open = await register.till.create(movement('exchange', register, lines, more))
      await register.till.complete(open, [pay('card', '15.00')])
      const hasCode = printed().map((document) => wordsOf(document).includes('Codice Lotteria ABCD1234'))
      expect(hasCode).toEqual([false, true])
      expect(printed().map(({ kind, totalCents }) => [kind, totalCents])).toEqual([
        ['return', 2000],
        ['sale', 3500],
      ])
    }))
})

test('a return whose answer was lost is found by its reference, and printed once', async () => {
  await using printer = await PrinterBeside.open()
  await using bench = await printer.agent()
  const register = await italianTill(bench)
  const { id } = await soldOnline(bench, register)
  const back = movement('return', register, [{ title: 'Tazza', amount: '-20.00' }], { related_operation_id: id })
  const open = await register.till.create(back)
  printer.simulator.inject('lost-answer@=T')
  const done = receiptOf(await register.till.complete(open, [pay('cash', '-20.00')]))
  expect(done.document_number).toBe('0142-0001')
  expect(printer.documents).toHaveLength(1)
  const agrees = await bench.agent.administration.deviceAct('rt-1', 'last-document')
  expect(agrees).toMatchObject({ agrees: true, printer: { document_type: 'return' } })
})

test('an online sale that is unpaid, or came back online itself, cannot be given back', () =>
  atPrinter('rch', async ({ bench, register }) => {
    const open = await soldOnline(bench, register, false)
    const body = (id: string) =>
      movement('return', register, [{ title: 'Tazza', amount: '-20.00' }], { related_operation_id: id })
    const refused = { status: 422, code: 'related_operation_invalid', fiscal_effect: 'none' }
    expect(await register.till.refused({ path: '/v1/operations', body: body(open.id) })).toMatchObject(refused)
    const sold = await soldOnline(bench, register)
    const { register_id: _, ...online } = body(sold.id)
    const back = await bench.office.create({ ...online, source: 'ONLINE' })
    await bench.office.complete(back, [pay('online', '-20.00')])
    expect(await register.till.refused({ path: '/v1/operations', body: body(back.id) })).toMatchObject(refused)
  }))
