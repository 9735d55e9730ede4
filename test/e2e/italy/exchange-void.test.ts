import { expect, test } from 'vitest'
import { Bench } from '../bench.ts'
import type { Members } from '../client.ts'
import { event, pay } from '../goods.ts'
import { documents, italianTill, movement, ONE_PRINTER, receiptOf, sell } from './shop.ts'

/** A cup of 20.00 was sold in cash and exchanged for a pot of 35.00; the rest was paid by card. */
async function exchanged() {
  const bench = await Bench.open({ config: ONE_PRINTER })
  const register = await italianTill(bench, '0.00')
  const sold = await sell(register, '20.00')
  const lines = [
    { title: 'Tazza', amount: '-20.00' },
    { title: 'Teiera', amount: '35.00' },
  ]
  const open = await register.till.create(movement('exchange', register, lines, { related_operation_id: sold.id }))
  const { id } = await register.till.complete(open, [pay('card', '15.00')])
  const body = event('void', register.id, { related_operation_id: id })
  const kinds = async () => (await documents(bench)).map(({ kind }) => kind)
  const totals = async () => {
    const closing = await register.till.post(`/v1/registers/${register.id}/closings`, {})
    return closing['totals'] as Members
  }
  return { bench, till: register.till, body, kinds, totals }
}

test('the void of an exchange annuls both documents, what came back first', async () => {
  const { bench, till, body, kinds, totals } = await exchanged()
  await using _ = bench
  const made = await till.create(body)
  expect(made).toMatchObject({ status: 'completed', completed_at: expect.any(String) })
  const voided = receiptOf(made)
  expect(voided.documents?.map(({ reference }) => reference?.slice(0, 9))).toEqual(['0142-0002', '0142-0003'])
  expect(await kinds()).toEqual(['sale', 'return', 'sale', 'void', 'void'])
  expect(await totals()).toMatchObject({
    vat: [{ amount: '20.00' }],
    payments: [
      { name: 'Carte elettroniche', amount: '0.00' },
      { name: 'Contanti', amount: '20.00' },
    ],
  })
})

test('a printer that annuls no return leaves all as it was', async () => {
  const { bench, till, body, kinds } = await exchanged()
  await using _ = bench
  await bench.faultAt('rt-1', 'error=EG0020@=k/')
  const refused = await till.refused({ path: '/v1/operations', body })
  expect(refused).toMatchObject({ code: 'related_operation_invalid', fiscal_effect: 'none' })
  expect(await kinds()).toEqual(['sale', 'return', 'sale'])
})

test('of one that ended in the middle the next try annuls the rest, and both are in it', async () => {
  const { bench, till, body, kinds, totals } = await exchanged()
  await using _ = bench
  await bench.faultAt('rt-1', 'error=ES0001@=k/#2')
  for (let tries = 0; tries < 2; tries++) {
    const refused = await till.refused({ path: '/v1/operations', body })
    expect(refused).toMatchObject({ code: 'unprocessable_entity', fiscal_effect: 'recorded' })
    expect(refused.message).toContain('The same void annuls the sale alone.')
    if (tries === 0) await bench.faultAt('rt-1', 'error=ES0001@=k/')
  }
  expect(await kinds()).toEqual(['sale', 'return', 'sale', 'void'])
  const voided = receiptOf(await till.create(body))
  expect(voided.documents?.map(({ document_number: number }) => number)).toEqual(['0142-0004', '0142-0005'])
  expect(await kinds()).toEqual(['sale', 'return', 'sale', 'void', 'void'])
  expect(await totals()).toMatchObject({ vat: [{ amount: '20.00' }] })
})

test('of one that ended in the middle the closing has what is on paper', async () => {
  const { bench, till, body, totals } = await exchanged()
  await using _ = bench
  await bench.faultAt('rt-1', 'error=ES0001@=k/#2')
  await till.refused({ path: '/v1/operations', body })
  expect(await totals()).toMatchObject({
    vat: [{ amount: '55.00' }],
    payments: [
      { name: 'Carte elettroniche', amount: '15.00' },
      { name: 'Contanti', amount: '40.00' },
    ],
  })
  expect(await till.refused({ path: '/v1/operations', body })).toMatchObject({
    code: 'void_after_closing',
    fiscal_effect: 'recorded',
  })
})
