import { expect, test } from 'vitest'
import { verifyJournal } from '../verified-journal.ts'
import { Bench } from './bench.ts'
import { amending, completion } from './client.ts'
import { goods, pay } from './goods.ts'

const FIRM = { customer: { name: 'Firma', vat_id: 'ATU12345678' } }

test('an amendment takes a customer off again, and asks again for one whom the goods need', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const plain = goods('sale', id, [['4.50', '0.07']])
  const open = await till.create(goods('sale', id, [['4.50', '0.07']], FIRM))
  const kept = await till.amend(open, plain)
  expect(kept).toMatchObject(FIRM)
  const without = await till.amend(kept, { ...plain, customer: null })
  expect(without).toMatchObject({ customer: null })
  const bare = await till.amend(without, plain)
  expect(bare).toMatchObject({ customer: null })
  const abroad = goods('sale', id, [
    ['4.50', '0', { taxes: [{ name: 'innergem.', rate: '0', code: 'intra_community', tax_amount: '0.00' }] }],
  ])
  expect(await till.refused(amending(bare, abroad))).toMatchObject({ status: 422, code: 'customer_required' })
  const paid = await till.call({ ...completion(bare, [pay('cash', '4.50')]), ifMatch: 4 })
  expect(paid.json).toMatchObject({ status: 'completed' })
  const done = { id: bare.id }
  const { text } = await till.call({ path: `/v1/operations/${done.id}/receipt?format=text` })
  expect(text).not.toContain('Firma')
  await bench.restart()
  expect(await till.read(done.id)).toMatchObject({ customer: null, status: 'completed' })
  await bench.stop()
  expect((await verifyJournal(bench.config.state)).findings).toEqual([])
})
