// @module-tag heavy
import { expect, test } from 'vitest'
import type { Members } from '../client.ts'
import { completion } from '../client.ts'
import { pay } from '../goods.ts'
import { answered, KilledShop } from './killed-shop.ts'
import { PrinterBeside } from './printer-beside.ts'
import { movement } from './shop.ts'

const DEPOSIT: Members = { type: 'deposit' }

test.each([
  ['after the first reso was printed, and before its reply', 'unplugged=60000@=T#1', 1],
  ['in the middle of the second reso', 'unplugged=60000@=R#2', 1],
  ['after the second reso was printed, and before its reply', 'unplugged=60000@=T#2', 2],
])('a daemon that is killed %s prints each of them once, and answers the same request', async (_, fault, returns) => {
  await using printer = await PrinterBeside.open()
  const shop = await KilledShop.open(printer)
  const { office, id } = shop
  const prepaid = movement('deposit', { id }, [{ title: 'Acconto', amount: '70.00', more: DEPOSIT }])
  const paid = await office.complete(await office.create(prepaid), [pay('cash', '70.00')])
  const lines = [
    { title: 'Sedia', amount: '80.00' },
    { title: 'Acconto', amount: '-70.00', more: DEPOSIT },
  ]
  const capture = movement('deposit_capture', { id }, lines, { related_operation_id: paid.id })
  const captured = await office.complete(await office.create(capture), [pay('cash', '10.00')])
  const back = movement('return', { id }, [{ title: 'Sedia', amount: '-80.00' }], {
    related_operation_id: captured.id,
  })
  const open = await office.create(back)
  const resi = () => printer.documents.filter(({ kind }) => kind === 'return')

  printer.simulator.inject(fault)
  const call = completion(open, [pay('cash', '-80.00')])
  const asked = fault.endsWith('#1') ? 1 : 2
  const isAsked = async () => resi().length === returns && (await shop.intents(open.id)) === asked
  expect(await shop.killedDuring(call, printer, isAsked)).not.toBe(200)
  const done = await answered(office, call)
  expect(done.json['fiscal_information']).toMatchObject({
    documents: [{ document_number: '0142-0003' }, { document_number: '0142-0004' }],
  })
  expect(resi().map(({ totalCents, original }) => [totalCents, original?.number])).toEqual([
    [1000, 2],
    [7000, 1],
  ])
  expect(await office.get(`/v1/registers/${id}/session`)).toMatchObject({ expected_closing_amount: '50.00' })
  await shop.kill()
  expect(await shop.verify()).toMatchObject({ valid: true, codes: [] })
})
