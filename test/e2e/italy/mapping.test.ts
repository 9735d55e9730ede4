// @module-tag heavy
import { describe, expect, test } from 'vitest'
import { localDate } from '../../../base/clock.ts'
import { today } from '../../today.ts'
import { Bench } from '../bench.ts'
import type { Members } from '../client.ts'
import { completion } from '../client.ts'
import { event, pay } from '../goods.ts'
import { documents, italianShop, italianTill, movement, ONE_PRINTER, paper, receiptOf, sell, wordsOf } from './shop.ts'

describe('returned goods', () => {
  test('a return is a reso that names the document, by operation or from elsewhere', async () => {
    await using bench = await Bench.open({ config: ONE_PRINTER })
    const register = await italianTill(bench)
    const sold = await sell(register, '20.00')
    const line = { title: 'Caffè', amount: '-5.00' }
    const own = await register.till.create(movement('return', register, [line], { related_operation_id: sold.id }))
    const back = receiptOf(await register.till.complete(own, [pay('cash', '-5.00')]))
    // The paper has the day in Italy, which begins an hour or two before that of UTC.
    const printedOn = localDate(Date.parse(receiptOf(sold).printed_at), 'Europe/Rome')
    const day = printedOn.split('-').reverse().join('-')
    expect(back).toMatchObject({ document_type: 'return', document_number: '0142-0002' })
    expect(back.reference).toBe(`0142-0001 ${day} ${receiptOf(sold).rt_serial_number}`)
    const external = {
      external_related_operation: { description: 'Altra cassa', external_operation_id: `0142-0001 ${day}` },
    }
    const elsewhere = await register.till.create(movement('return', register, [line], external))
    expect(receiptOf(await register.till.complete(elsewhere, [pay('cash', '-5.00')])).document_number).toBe('0142-0003')
    const [, first, second] = await documents(bench)
    expect([first, second].map((each) => [each?.kind, each?.totalCents])).toEqual([
      ['return', 500],
      ['return', 500],
    ])
    expect(first?.original).toMatchObject({ z: 142, number: 1 })
  })

  test('a return without a document, or to one that is not an RT document, is refused before anything is printed', async () => {
    await using bench = await Bench.open({ config: ONE_PRINTER })
    const register = await italianTill(bench)
    const line = { title: 'Caffè', amount: '-5.00' }
    for (const id of ['scontrino 7', '0142-0001 31-02-2026', '0000-0001 01-01-2026', '142-1 01-01-2026']) {
      const body = movement('return', register, [line], {
        external_related_operation: { description: 'Altra cassa', external_operation_id: id },
      })
      expect((await register.till.refused({ path: '/v1/operations', body })).code).toBe('related_operation_invalid')
    }
    const external = { description: 'Altra cassa', external_operation_id: '0142-0999 14-09-2026' }
    const unknown = await register.till.create(
      movement('return', register, [line], { external_related_operation: external }),
    )
    const call = completion(unknown, [pay('cash', '-5.00')])
    const { status, headers, json } = await register.till.call(call)
    expect(json).toMatchObject({ code: 'related_operation_invalid', retryable: false, fiscal_effect: 'none' })
    // The printer refuses it permanently: no till gets a retry time.
    expect([status, headers.get('Retry-After')]).toEqual([422, null])
    expect((await register.till.read(unknown.id)).status).toBe('open')
    expect(await documents(bench)).toHaveLength(0)
  })

  test('a void is an annullo of the whole document, once, as long as its period runs', async () => {
    await using bench = await Bench.open({ config: ONE_PRINTER })
    const register = await italianTill(bench)
    const sold = await sell(register, '20.00')
    const body = event('void', register.id, { related_operation_id: sold.id })
    const voided = await register.till.create(body)
    expect(voided).toMatchObject({ status: 'completed', total_amount: '-20.00' })
    expect(receiptOf(voided)).toMatchObject({ document_type: 'void', document_number: '0142-0002' })
    expect((await register.till.refused({ path: '/v1/operations', body })).code).toBe('related_operation_invalid')
    const late = await sell(register, '3.00')
    await register.till.post(`/v1/registers/${register.id}/closings`, {})
    const refused = await register.till.refused({
      path: '/v1/operations',
      body: event('void', register.id, { related_operation_id: late.id }),
    })
    expect(refused).toMatchObject({ code: 'void_after_closing', fiscal_effect: 'none' })
    expect((await documents(bench)).map(({ kind }) => kind)).toEqual(['sale', 'void', 'sale'])
  })

  test('a void that the printer refuses leaves its original unchanged', async () => {
    await using bench = await Bench.open({ config: ONE_PRINTER })
    const register = await italianTill(bench)
    const sold = await sell(register, '20.00')
    await bench.faultAt('rt-1', 'error=EG0022@=k/')
    const body = event('void', register.id, { related_operation_id: sold.id })
    expect((await register.till.refused({ path: '/v1/operations', body })).code).toBe('related_operation_invalid')
    expect(receiptOf(await register.till.create(body)).document_type).toBe('void')
    const counted = await register.till.create(
      event('session_cash_count', register.id, { counted_closing_amount: '50.00' }),
    )
    expect(counted).toMatchObject({ expected_closing_amount: '50.00' })
  })

  test('a void that the printer refused waits for nothing: it is cancelled, in the list as well', async () => {
    await using bench = await Bench.open({ config: ONE_PRINTER })
    const register = await italianTill(bench)
    const sold = await sell(register, '20.00')
    await bench.faultAt('rt-1', 'error=EG0022@=k/')
    const body = event('void', register.id, { related_operation_id: sold.id })
    await register.till.refused({ path: '/v1/operations', body })
    const { data } = await register.till.get(`/v1/operations?register_id=${register.id}&type=void`)
    expect(data).toMatchObject([{ status: 'voided', fiscal: { state: 'not_required' }, fiscal_information: null }])
  })

  test('an exchange is a reso and a sale, and its card payment stays true', async () => {
    await using bench = await Bench.open({ config: ONE_PRINTER })
    const register = await italianTill(bench)
    const sold = await sell(register, '20.00')
    const lines = [
      { title: 'Tazza', amount: '-20.00' },
      { title: 'Teiera', amount: '35.00' },
    ]
    const open = await register.till.create(movement('exchange', register, lines, { related_operation_id: sold.id }))
    const done = receiptOf(await register.till.complete(open, [pay('card', '15.00')]))
    expect(done).toMatchObject({ document_type: 'sale', document_number: '0142-0003' })
    expect(done.documents?.map((each) => each.document_type)).toEqual(['return', 'sale'])
    const [, reso, sale] = await documents(bench)
    expect([reso?.totalCents, reso?.cashCents]).toEqual([2000, -2000])
    expect([sale?.totalCents, sale?.cashCents]).toEqual([3500, 2000])
    expect(wordsOf(sale)).toContain('CARTE ELETTRONICHE 15,00')
  })

  test('an exchange whose sale fails keeps its return, and the same completion prints only the sale', async () => {
    await using bench = await Bench.open({ config: ONE_PRINTER })
    const register = await italianTill(bench)
    const sold = await sell(register, '20.00')
    const lines = [
      { title: 'Tazza', amount: '-20.00' },
      { title: 'Cucchiaio', amount: '5.00' },
    ]
    const open = await register.till.create(movement('exchange', register, lines, { related_operation_id: sold.id }))
    await bench.faultAt('rt-1', 'error=ES0001@=R#2')
    const call = completion(open, [pay('cash', '-15.00')])
    expect(await register.till.refused(call)).toMatchObject({ fiscal_effect: 'recorded' })
    const voiding = {
      path: `/v1/operations/${open.id}/void`,
      body: { reason: 'operator_cancelled' },
      key: 'v',
      ifMatch: 1,
    }
    expect((await register.till.refused(voiding)).code).toBe('operation_invalid_state')
    const again = await register.till.call(call)
    expect(again.status, again.text).toBe(200)
    expect((await documents(bench)).map(({ kind }) => kind)).toEqual(['sale', 'return', 'sale'])
  })
})

describe('the goods on the paper', () => {
  test('discounts of line and cart follow their line; a quantity that no printer can print is in the text', async () => {
    await using bench = await Bench.open({ config: ONE_PRINTER })
    const register = await italianTill(bench)
    const lines = [
      {
        title: 'Vino',
        amount: '8.00',
        more: { unit_price: '10.00', discounts: [{ description: 'Soci', amount: '1.00' }] },
      },
      { title: 'Formaggio', amount: '9.00', rate: '0.04', more: { unit_price: '10.00' } },
      { title: 'Vite', amount: '1.23', more: { quantity: '0.123456', unit_price: '9.999' } },
    ]
    const body = movement('sale', register, lines, { cart_level_discounts: [{ description: 'Saldi', amount: '2.00' }] })
    const open = await register.till.create(body)
    await register.till.complete(open, [pay('cash', '18.23')])
    const [printed] = await documents(bench)
    expect(printed?.totalCents).toBe(1823)
    const words = wordsOf(printed).join('\n')
    expect(words).toContain('Soci')
    expect(words.match(/Saldi/g)).toHaveLength(2)
    expect(words).toContain('0.123456 x Vite')
  })

  test('natura, ventilazione, gift cards and tips go to their departments', async () => {
    const departments = { '0.22': 1, N1: 5, N2: 6, N4: 8, VI: 10 }
    const [device] = ONE_PRINTER.devices
    await using bench = await Bench.open({ config: { devices: [{ ...device, departments }] } })
    const register = await italianTill(bench)
    const lines = [
      { title: 'Visita', amount: '30.00', code: 'N4' },
      { title: 'Giornale', amount: '2.00', code: 'VI' },
      { title: 'Buono', amount: '25.00', rate: '0', more: { type: 'gift_card', gift_card_id: 'gc-1' } },
    ]
    const open = await register.till.create(movement('sale', register, lines, { tip_amount: '3.00' }))
    await register.till.complete(open, [pay('cash', '60.00')])
    const words = wordsOf((await documents(bench))[0]).join('\n')
    expect(words).toMatch(/Visita .*30,00/)
    expect(words).toMatch(/MANCIA .*3,00/)
    expect(words).toMatch(/Buono .*25,00/)
    const refused = await register.till.refused({
      path: '/v1/operations',
      body: movement('sale', register, [{ title: 'Latte', amount: '1.00', rate: '0.04' }]),
    })
    expect(refused).toMatchObject({ code: 'tax_rate_not_supported', fiscal_effect: 'none' })
    const natura = movement('sale', register, [{ title: 'Latte', amount: '1.00', rate: '0' }])
    expect((await register.till.refused({ path: '/v1/operations', body: natura })).code).toBe('tax_rate_not_supported')
  })

  test('a tip is printed on the class of its natura; without a department it is refused before there is an operation', async () => {
    const [device] = ONE_PRINTER.devices
    await using bench = await Bench.open({
      config: { devices: [{ ...device, departments: { '0.22': 1, N2: 6 } }], rt: { tipDepartment: 'N2.1' } },
    })
    const register = await italianTill(bench)
    const body = movement('sale', register, [{ title: 'Pane', amount: '2.00' }], { tip_amount: '0.50' })
    await register.till.complete(await register.till.create(body), [pay('cash', '2.50')])
    expect(wordsOf((await documents(bench))[0]).join('\n')).toMatch(/MANCIA .*0,50/)
    await using other = await Bench.open({ config: { devices: [{ ...device, departments: { '0.22': 1 } }] } })
    const till = await italianTill(other)
    const untold = movement('sale', till, [{ title: 'Pane', amount: '2.00' }], { tip_amount: '0.50' })
    expect(await till.till.refused({ path: '/v1/operations', body: untold })).toMatchObject({
      ...{ code: 'tax_rate_not_supported', message: expect.stringContaining('tipDepartment') },
      ...{ details: { rate: 'N1' } },
    })
  })

  test('a gift card is a tender when it is redeemed; split tender and change are printed as sent', async () => {
    await using bench = await Bench.open({ config: ONE_PRINTER })
    const register = await italianTill(bench)
    const open = await register.till.create(movement('sale', register, [{ title: 'Libro', amount: '47.50' }]))
    const payments = [
      pay('cash', '20.00'),
      pay('cash', '-2.50'),
      pay('gift_card', '20.00', { gift_card_id: 'gc-1' }),
      pay('card', '10.00'),
    ]
    await register.till.complete(open, payments)
    const [printed] = await documents(bench)
    expect(printed?.cashCents).toBe(1750)
    const words = wordsOf(printed)
    expect(words).toContain('CARTE ELETTRONICHE 10,00')
    expect(words.findIndex((line) => line.startsWith('CONTANTI'))).toBeGreaterThan(
      words.findIndex((line) => line.startsWith('CARTE')),
    )
    const other = await register.till.create(movement('sale', register, [{ title: 'Libro', amount: '10.00' }]))
    const tooMuch = completion(other, [pay('card', '12.00'), pay('cash', '-2.00')])
    expect(await register.till.refused(tooMuch)).toMatchObject({ code: 'unprocessable_entity', fiscal_effect: 'none' })
    expect(await documents(bench)).toHaveLength(1)
  })

  test('a lottery code is sent before closing and is in the answer; a bad one is refused', async () => {
    await using bench = await Bench.open({ config: ONE_PRINTER })
    const register = await italianTill(bench)
    const sale = (): Members => movement('sale', register, [{ title: 'Pane', amount: '5.00' }])
    const open = await register.till.create(sale())
    const done = await register.till.complete(open, [pay('card', '5.00')], { customer: { lottery_code: 'ABC12345' } })
    expect(receiptOf(done).lottery_code).toBe('ABC12345')
    expect(wordsOf((await documents(bench))[0]).join('\n')).toContain('ABC12345')
    const bad = await register.till.create(sale())
    for (const customer of [{ lottery_code: 'ABC' }, { lottery_code: 'ABC12345', tax_number: 'RSSMRA80A01H501U' }]) {
      const refused = await register.till.refused(completion(bad, [pay('card', '5.00')], { customer }))
      expect(refused).toMatchObject({ code: 'unprocessable_entity', fiscal_effect: 'none' })
    }
    const named = await register.till.complete(bad, [pay('card', '5.00')], {
      customer: { tax_number: 'rssmra80a01h501u' },
    })
    expect(receiptOf(named).document_number).toBe('0142-0002')
    expect(wordsOf((await documents(bench))[1]).join('\n')).toContain('RSSMRA80A01H501U')
  })

  test('a foreign number is text on paper, and on the receipt; a blank one is omitted', async () => {
    await using bench = await Bench.open({ config: ONE_PRINTER })
    const register = await italianTill(bench)
    const sellTo = async (customer: Members) => {
      const open = await register.till.create(
        movement('sale', register, [{ title: 'Pane', amount: '5.00' }], { customer }),
      )
      await register.till.complete(open, [pay('card', '5.00')])
      const { text } = await register.till.call({ path: `/v1/operations/${open.id}/receipt?format=text` })
      return { receipt: text, paper: wordsOf((await documents(bench)).at(-1)).join('\n') }
    }
    const foreign = await sellTo({ tax_number: 'de 123 456 789' })
    expect(foreign.paper).toContain('#CLIENTE DE123456789')
    expect(foreign.receipt).toMatch(/Codice fiscale del cliente: +de 123 456 789/)
    const blank = await sellTo({ tax_number: ' ', vat_id: 'IT12345678903', lottery_code: ' ' })
    expect(blank.paper).toContain('Codice Fiscale 12345678903')
    expect(blank.receipt).not.toContain('Codice fiscale del cliente')
    expect((await sellTo({ tax_number: ' ', lottery_code: 'ABC12345' })).paper).toContain('ABC12345')
  })

  test('a deposit is sold at its rate, and taken off when the rest is paid', async () => {
    await using bench = await Bench.open({ config: ONE_PRINTER })
    const register = await italianTill(bench)
    const line = { title: 'Acconto torta', amount: '20.00', rate: '0.10', more: { type: 'deposit' } }
    const deposit = await register.till.create(movement('deposit', register, [line]))
    await register.till.complete(deposit, [pay('cash', '20.00')])
    const lines = [
      { title: 'Torta', amount: '60.00', rate: '0.10' },
      { title: 'Acconto torta', amount: '-20.00', rate: '0.10', more: { type: 'deposit' } },
    ]
    const capture = await register.till.create(
      movement('deposit_capture', register, lines, { related_operation_id: deposit.id }),
    )
    await register.till.complete(capture, [pay('cash', '40.00')])
    expect((await documents(bench)).map(({ totalCents }) => totalCents)).toEqual([2000, 4000])
  })

  test('a deposit that is given back is a reso of its document, also after a Z', async () => {
    await using bench = await Bench.open({ config: ONE_PRINTER })
    const register = await italianTill(bench)
    const line = (amount: string) => ({ title: 'Acconto torta', amount, rate: '0.10', more: { type: 'deposit' } })
    const deposit = await register.till.create(movement('deposit', register, [line('20.00')]))
    await register.till.complete(deposit, [pay('cash', '20.00')])
    await register.till.post(`/v1/registers/${register.id}/closings`, {})
    const open = await register.till.create(
      movement('return', register, [line('-20.00')], { related_operation_id: deposit.id }),
    )
    const back = receiptOf(await register.till.complete(open, [pay('cash', '-20.00')]))
    expect(back).toMatchObject({ document_type: 'return', document_number: '0143-0001' })
    expect(back.reference).toMatch(/^0142-0001 .* 72IV6\d{6}$/)
    const [, reso] = await documents(bench)
    expect([reso?.kind, reso?.totalCents, reso?.original?.number]).toEqual(['return', 2000, 1])
  })

  test('letters that the printer does not have are written otherwise, or omitted if that is impossible', async () => {
    await using bench = await Bench.open({ config: ONE_PRINTER })
    const register = await italianTill(bench)
    const open = await register.till.create(
      movement('sale', register, [{ title: 'Tè “Più” 5€ (à/b) 茶', amount: '5.00' }]),
    )
    await register.till.complete(open, [pay('cash', '5.00')])
    expect(wordsOf((await documents(bench))[0]).join('\n')).toContain(`Te' "Piu'" 5EUR [a'-b] 22%`)
  })
})

test('training is printed, but never fiscally; a sale of a web shop is not printed', async () => {
  await using bench = await Bench.open({ config: ONE_PRINTER })
  const register = await italianTill(bench, '0.00')
  const practised = await register.till.create(
    movement('sale', register, [{ title: 'Pane', amount: '5.00' }], { training: true }),
  )
  expect(receiptOf(await register.till.complete(practised, [pay('cash', '5.00')])).document_type).toBe('non_fiscal')
  const { register_id: _, ...online } = movement('sale', register, [{ title: 'Pane', amount: '5.00' }])
  const ordered = await bench.office.create({ ...online, source: 'ONLINE' })
  const done = await bench.office.complete(ordered, [pay('online', '5.00')])
  expect(done).toMatchObject({ fiscal: { state: 'not_required' }, fiscal_information: null })
  const records = await paper(bench)
  expect(records.map(({ type }) => type)).toEqual(['slip'])
  expect(JSON.stringify(records)).toContain('ADDESTRAMENTO - NON FISCALE')
})

test('closings made at the printer are recorded by their numbers, and the last register ends with a Z', async () => {
  await using bench = await Bench.open({ config: ONE_PRINTER })
  const register = await italianTill(bench, '0.00')
  await sell(register, '5.00')
  const other = await italianTillBeside(bench)
  await other.till.post(`/v1/registers/${other.id}/closings`, {})
  await sell(register, '6.00')
  const closings = await register.till.list(`/v1/registers/${register.id}/closings`)
  expect(closings).toMatchObject([{ type: 'daily', z_numbers: [142], fiscal_information: { z_number: '0142' } }])
  await register.till.create(event('session_cash_count', register.id, { counted_closing_amount: '11.00' }))
  await register.till.create(event('session_close', register.id, { business_date: today() }))
  const retired = await bench.office.post(`/v1/registers/${register.id}/decommission`, {}, 200)
  expect(retired['fiscalization_status']).toBe('decommissioned')
  expect((await paper(bench)).map(({ type }) => type)).toEqual(['document', 'closure', 'document'])
  await other.till.create(event('session_cash_count', other.id, { counted_closing_amount: '0.00' }))
  await other.till.create(event('session_close', other.id, { business_date: today() }))
  await bench.office.post(`/v1/registers/${other.id}/decommission`, {}, 200)
  expect((await paper(bench)).map(({ type }) => type)).toEqual(['document', 'closure', 'document', 'closure'])
})

test('a period that is open for too long gets its Z first, then the sale', async () => {
  await using bench = await Bench.open({ config: ONE_PRINTER })
  const register = await italianTill(bench, '0.00')
  await sell(register, '5.00')
  await bench.faultAt('rt-1', 'error=ES0030@=R')
  const done = receiptOf(await sell(register, '6.00'))
  expect(done).toMatchObject({ z_number: '0143', document_number: '0143-0001' })
  expect(await register.till.list(`/v1/registers/${register.id}/closings`)).toMatchObject([{ z_numbers: [142] }])
  expect((await paper(bench)).map(({ type }) => type)).toEqual(['document', 'closure', 'document'])
})

/** A second register at the same printer. */
async function italianTillBeside(bench: Bench) {
  return italianTill(
    bench,
    '0.00',
    String((await bench.office.list('/v1/locations'))[0]?.['id'] ?? (await italianShop(bench))),
  )
}
