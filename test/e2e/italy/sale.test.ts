// @module-tag heavy
import { describe, expect, test } from 'vitest'
import { Bench } from '../bench.ts'
import { completion } from '../client.ts'
import { NONE } from '../closing-sums.ts'
import { event, pay } from '../goods.ts'
import { documents, italianTill, movement, ONE_PRINTER, paper, receiptOf, sell } from './shop.ts'

describe('a sale in Italy', () => {
  test('is a documento commerciale of the printer, and its completion the fiscal event', async () => {
    await using bench = await Bench.open({ config: ONE_PRINTER })
    const register = await italianTill(bench)
    const lines = [
      { title: 'Caffè in grani', amount: '10.00', more: { quantity: 2, unit_price: '5.00' } },
      { title: 'Acqua', amount: '2.50', rate: '0.10' },
    ]
    const open = await register.till.create(movement('sale', register, lines))
    expect(await documents(bench)).toHaveLength(0)
    const done = await register.till.complete(open, [pay('card', '12.50')])
    expect(receiptOf(done)).toMatchObject({
      regime: 'RT',
      rt_serial_number: expect.stringMatching(/^72IV6\d{6}$/),
      z_number: '0142',
      document_number: '0142-0001',
      document_type: 'sale',
    })
    expect(done.fiscal).toEqual({ state: 'succeeded' })
    const [printed] = await documents(bench)
    expect(printed).toMatchObject({ kind: 'sale', z: 142, number: 1, totalCents: 1250 })
    expect(printed?.lines.map((line) => line.trim().replaceAll(/ +/g, ' '))).toEqual(
      expect.arrayContaining(["Caffe' in grani 22% 10,00", 'n.2 * 5,00', 'Acqua 10% 2,50', 'CARTE ELETTRONICHE 12,50']),
    )
  })

  test('is printed once, however often it is asked for with its key', async () => {
    await using bench = await Bench.open({ config: ONE_PRINTER })
    const register = await italianTill(bench)
    const open = await register.till.create(movement('sale', register, [{ title: 'Pane', amount: '3.00' }]))
    const call = completion(open, [pay('cash', '3.00')])
    const first = await register.till.call(call)
    const again = await register.till.call(call)
    expect([first.status, again.status]).toEqual([200, 200])
    expect(again.text).toBe(first.text)
    expect(await documents(bench)).toHaveLength(1)
  })
})

test('a cancelled sale does not reach the printer, and nothing of it is pending', async () => {
  await using bench = await Bench.open({ config: ONE_PRINTER })
  const register = await italianTill(bench)
  const open = await register.till.create(movement('sale', register, [{ title: 'Pane', amount: '3.00' }]))
  expect(open.fiscal).toEqual({ state: 'pending' })
  expect((await register.till.void(open)).fiscal).toEqual({ state: 'not_required' })
  const { notices } = await register.till.get(`/v1/operations/${open.id}/receipt`)
  expect(JSON.stringify(notices)).not.toContain('sospeso')
  expect(await documents(bench)).toHaveLength(0)
})

test('its receipt is in Italian unless the client asks for another language', async () => {
  await using bench = await Bench.open({ config: ONE_PRINTER })
  const register = await italianTill(bench)
  const path = `/v1/operations/${(await sell(register, '3.00')).id}/receipt`
  const languageOf = async (accepted: string) => {
    const { json } = await register.till.call({ path, headers: { 'Accept-Language': accepted } })
    return json['language']
  }
  expect((await register.till.get(path))['language']).toBe('it')
  expect([await languageOf('*'), await languageOf('fr'), await languageOf('de-AT, it;q=0.5')]).toEqual([
    'it',
    'it',
    'de',
  ])
})

test('a trial of a sale prints nothing and leaves it open', async () => {
  await using bench = await Bench.open({ config: ONE_PRINTER })
  const register = await italianTill(bench)
  const open = await register.till.create(movement('sale', register, [{ title: 'Pane', amount: '3.00' }]))
  const call = completion(open, [pay('cash', '3.00')])
  const tried = await fetch(new URL(call.path, bench.url), {
    method: 'POST',
    body: JSON.stringify(call.body),
    headers: {
      ...{ 'X-Register-Api-Key': register.key, 'Content-Type': 'application/json', 'If-Match': '"1"' },
      ...{ 'Idempotency-Key': 'trial', Prefer: 'dry-run' },
    },
  })
  expect(tried.headers.get('preference-applied')).toBe('dry-run')
  await tried.body?.cancel()
  expect((await register.till.read(open.id)).status).toBe('open')
  expect(await documents(bench)).toHaveLength(0)
})

describe('a shift', () => {
  test('has its float and cash movements on non-fiscal paper, and a Z with the number of the printer', async () => {
    await using bench = await Bench.open({ config: ONE_PRINTER })
    const register = await italianTill(bench)
    const sold = await sell(register, '20.00')
    const line = { title: 'Caffè', amount: '-12.20' }
    const back = await register.till.create(movement('return', register, [line], { related_operation_id: sold.id }))
    await register.till.complete(back, [pay('cash', '-12.20')])
    const open = await register.till.create(
      movement('sale', register, [{ title: 'Pane', amount: '1.04', rate: '0.04' }]),
    )
    await register.till.complete(open, [pay('card', '1.04')])
    const drop = await register.till.create(event('session_cash_adjustment', register.id, { cash_amount: '-20.00' }))
    expect(receiptOf(drop).document_type).toBe('non_fiscal')
    const counted = await register.till.create(
      event('session_cash_count', register.id, { counted_closing_amount: '37.80' }),
    )
    expect(counted.fiscal_information).toBeNull()
    const closing = await register.till.post(`/v1/registers/${register.id}/closings`, {})
    expect(closing).toMatchObject({ type: 'daily', document_number: '0142', z_numbers: [142] })
    expect(closing['totals']).toEqual({
      vat: [
        { name: 'IVA 4 %', rate: '0.04', amount: '1.04', tax_amount: '0.04' },
        { name: 'IVA 22 %', rate: '0.22', amount: '7.80', tax_amount: '1.41' },
      ],
      payments: [
        { name: 'Carte elettroniche', amount: '1.04' },
        { name: 'Contanti', amount: '7.80' },
      ],
      business_cases: [
        { name: 'Vendite', amount: '21.04' },
        { name: 'Resi', amount: '-12.20' },
        { name: 'Annulli', amount: '0.00' },
      ],
      ...{ reversals: NONE, returns: { count: 1, amount: '-12.20' }, cancelled_lines: NONE, training: NONE },
    })
    const types = (await paper(bench)).map(({ type }) => type)
    expect(types).toEqual(['slip', 'document', 'document', 'document', 'slip', 'closure'])
  })
})
