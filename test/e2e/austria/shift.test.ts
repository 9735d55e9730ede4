// @module-tag heavy
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { today } from '../../today.ts'
import { Bench } from '../bench.ts'
import { CalendarClock } from '../calendar-clock.ts'
import { event, goods, pay } from '../goods.ts'
import { austrianShop, austrianTill, closingTypes, ONE_CARD, receiptOf, sell, verifiedDep } from './shop.ts'

describe('an Austrian shift', () => {
  test('from the Startbeleg to the Schlussbeleg: one chain, one counter, verified from the export', async () => {
    await using bench = await Bench.open({ config: ONE_CARD })
    const register = await austrianTill(bench, undefined, { pos_client_serial_number: 'KASSA-1' })
    const { id, till } = register
    const open = await till.create(
      goods('sale', id, [
        ['12.00', '0.20'],
        ['5.50', '0.10'],
        ['2.26', '0.13'],
      ]),
    )
    expect(open).toMatchObject({ status: 'open', fiscal: { state: 'pending' }, fiscal_information: null })
    const sold = await till.complete(open, [pay('cash', '19.76')])
    expect(receiptOf(sold)).toMatchObject({ receipt_number: '2', cash_box_id: 'KASSA-1', document_type: 'standard' })
    expect(receiptOf(sold).machine_code).toMatch(/^_R1-AT9_KASSA-1_2_[^_]+_12,00_5,50_2,26_0,00_0,00_/)
    const given = await sell(register, '8.00', '0.10')
    const voided = await till.create(event('void', id, { related_operation_id: given.id }))
    expect(voided).toMatchObject({ fiscal: { state: 'succeeded', receipt_text: 'Stornobuchung' } })
    expect(receiptOf(voided)).toMatchObject({ encrypted_turnover: 'U1RP', document_type: 'void' })
    const practised = await sell(register, '99.00', '0.20', { training: true })
    expect(receiptOf(practised)).toMatchObject({ encrypted_turnover: 'VFJB', document_type: 'training' })
    const abandoned = await till.create(goods('sale', id, [['1.00', '0.20']]))
    const givenUp = await till.void(abandoned)
    expect(givenUp).toMatchObject({ status: 'voided', fiscal: { state: 'not_required' }, fiscal_information: null })
    const zero = await till.post(`/v1/registers/${id}/closings`, { type: 'zero' })
    expect(zero).toMatchObject({ type: 'zero', document_number: '6', fiscal_information: { document_type: 'zero' } })
    const drop = await till.create(event('session_cash_adjustment', id, { cash_amount: '-20.00' }))
    expect(drop).toMatchObject({ fiscal: { state: 'not_required' }, fiscal_information: null })
    await till.create(event('session_cash_count', id, { counted_closing_amount: '49.76' }))
    await till.create(event('session_close', id, { business_date: today(), closing_adjustment_amount: '-29.76' }))
    const retired = await bench.office.call({ method: 'POST', path: `/v1/registers/${id}/decommission`, body: {} })
    expect(retired.json).toMatchObject({ fiscalization_status: 'decommissioned', status: 'inactive' })
    expect(await closingTypes(register)).toEqual(['start', 'zero', 'final'])
    expect(await verifiedDep(bench, id)).toMatchObject({
      valid: true,
      cashBoxId: 'KASSA-1',
      receipts: 7,
      signaturesVerified: 7,
      turnoverCents: 1976n,
      findings: [],
    })
  })

  test('a month is closed once, then there is nothing to close until the next receipt', async () => {
    await using bench = await Bench.open({ config: ONE_CARD })
    const register = await austrianTill(bench)
    const path = `/v1/registers/${register.id}/closings`
    await sell(register, '4.00')
    const key = 'close-month'
    const closed = await register.till.call({ path, body: { type: 'monthly' }, key })
    expect(closed.json).toMatchObject({ document_number: '3', z_numbers: [], fiscal: { state: 'succeeded' } })
    const again = await register.till.call({ path, body: { type: 'monthly' }, key })
    expect(again.text).toBe(closed.text)
    expect(await register.till.refused({ path, body: { type: 'monthly' } })).toMatchObject({ code: 'already_closed' })
    const id = String(closed.json['id'])
    expect(await register.till.get(`/v1/closings/${id}`)).toEqual(closed.json)
    const open = await register.till.create(goods('sale', register.id, [['1.00', '0.20']]))
    const body = { type: 'monthly' }
    expect(await register.till.refused({ path, body })).toMatchObject({ code: 'open_operations' })
    await register.till.complete(open, [pay('cash', '1.00')])
    expect(await register.till.post(path, body)).toMatchObject({ document_number: '5' })
  })

  test('DEP131 has a row for every line and movement, signed or not, each with the hash of the one before', async () => {
    await using bench = await Bench.open({ config: ONE_CARD })
    const register = await austrianTill(bench)
    await sell(register, '4.00', '0.10', { tip_amount: '0.00' })
    const abandoned = await register.till.create(goods('sale', register.id, [['1.00', '0.20']]))
    await register.till.void(abandoned)
    const text = Buffer.from(await bench.exported('dep131')).toString('utf8')
    const rows = text
      .trimEnd()
      .split('\n')
      .map((row) => row.split(';'))
    const [head = [], ...body] = rows
    const kinds = body.map((row) => row[head.indexOf('kind')])
    const atShift = ['register.created', 'register.fiscalized', 'start', 'session_open', 'sale', 'sale.voided']
    expect(kinds).toEqual(['device.ready card-1', ...atShift])
    const sale = body[kinds.indexOf('sale')]
    expect(sale?.[head.indexOf('field')]).toBe('Betrag-Satz-Ermaessigt-1')
    expect(sale?.[head.indexOf('payments')]).toBe('cash:4.00')
    const lines = text.trimEnd().split('\n')
    const hashes = lines.slice(0, -1).map((line) => createHash('sha256').update(line).digest('hex'))
    expect(body.map((row) => row.at(-1))).toEqual(hashes)
  })

  test('the protocol of § 131b BAO names the payments, and no failed attempt', async () => {
    await using bench = await Bench.open({ config: ONE_CARD })
    const { id, till } = await austrianTill(bench)
    const sold = await till.create(goods('sale', id, [['8.01', '0.20']]))
    const declined = pay('card', '8.01', { payment_id: 'declined', status: 'failed' })
    const change = pay('cash', '-1.99', { payment_id: 'change' })
    await till.complete(sold, [declined, pay('cash', '10.00'), change])
    await till.create(event('void', id, { related_operation_id: sold.id }))
    const text = Buffer.from(await bench.exported('dep131')).toString('utf8')
    const [head = [], ...body] = text.split('\n').map((row) => row.split(';'))
    const paid = (kind: string) => body.find((row) => row[head.indexOf('kind')] === kind)?.[head.indexOf('payments')]
    expect([paid('sale'), paid('void')]).toEqual(['cash:10.00 cash:-1.99', 'cash:-10.00 cash:1.99'])
  })

  test('the protocol of § 131b BAO has an opening of the drawer at its own time, with cashier and operation', async () => {
    await using bench = await Bench.open({ config: ONE_CARD })
    const { id, till } = await austrianTill(bench)
    const sold = await till.create(goods('sale', id, [['8.01', '0.20']]))
    const given = { occurred_at: '2026-03-02T12:00:00Z', operation_id: sold.id, cashier: { id: 'u7' } }
    const opened = await till.post('/v1/cash-drawer-openings', { ...given, reason: 'Wechselgeld' })
    expect(opened['fiscal']).toBeNull()
    const text = Buffer.from(await bench.exported('dep131')).toString('utf8')
    const [head = [], ...body] = text.split('\n').map((row) => row.split(';'))
    const row = body.find((cells) => cells[head.indexOf('kind')] === 'drawer.opened') ?? []
    expect(Object.fromEntries(head.map((name, at) => [name, row[at]]))).toMatchObject({
      utc: '2026-03-02T12:00:00.000Z',
      local_time: '2026-03-02T13:00:00',
      operator: 'u7',
      operation: opened['id'],
      reference: sold.id,
      reason: `Wechselgeld received_at=${String(opened['received_at'])}`,
    })
  })

  test('the material for the checking tool is secret, and no API gives it', async () => {
    await using bench = await Bench.open({ config: ONE_CARD })
    const register = await austrianTill(bench)
    expect(await verifiedDep(bench, register.id)).toMatchObject({ valid: true })
    const file = join(bench.config.state, 'material.json')
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    const { base64AESKey } = JSON.parse(await readFile(file, 'utf8')) as { base64AESKey: string }
    expect(JSON.stringify(bench.journal()) + JSON.stringify(bench.lines)).not.toContain(base64AESKey)
    const range = { from: '1970-01-01T00:00:00Z', to: '9999-12-31T23:59:59Z' }
    expect(await bench.office.refused({ path: '/v1/exports', body: { type: 'rksv_crypto', ...range } })).toMatchObject({
      code: 'invalid_request',
    })
  })
})

test('FinanzOnline reports are tasks; a confirmed task does not come back', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  await austrianTill(bench)
  const ids = () => bench.agent.administration.listTasks().map((task) => String((task as { id: string }).id))
  const [unit = '', ...others] = ids()
  expect(unit).toMatch(/^finanzonline-unit-AT9-[0-9a-f]+$/)
  expect(others.map((id) => id.replace(/-reg_.*/, ''))).toEqual([
    'finanzonline-register',
    'startbeleg-check',
    expect.stringMatching(/^data-copy-\d{4}-Q\d$/),
  ])
  await bench.agent.administration.confirmTask(unit)
  await expect(bench.agent.administration.confirmTask(unit)).rejects.toMatchObject({ code: 'not_found' })
  await bench.restart()
  expect(ids()).toEqual(others)
})

test('a register that never had a receipt is named as such where its export is asked for, not as none', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const location_id = await austrianShop(bench)
  await austrianTill(bench, location_id)
  const { id } = await bench.office.post('/v1/registers', { location_id, name: 'Kassa 2', fiscal_device: 'card-1' })
  const range = { from: '1970-01-01T00:00:00Z', to: '9999-12-31T23:59:59Z' }
  const ask = (type: string, register_id: unknown) =>
    bench.office.refused({ path: '/v1/exports', body: { type, register_id, ...range } })
  for (const type of ['dep7', 'dep131', 'tse_tar'])
    expect(await ask(type, id)).toMatchObject({ status: 422, details: { pointer: '/register_id' } })
  expect(await ask('dep7', 'reg_1')).toMatchObject({ status: 404, code: 'not_found' })
})

test('an export that leaves receipts out is named partial, the whole one is not', async () => {
  const clock = new CalendarClock('2026-11-20T09:00:00Z')
  await using bench = await Bench.open({ config: ONE_CARD, clock })
  const register = await austrianTill(bench)
  await sell(register, '1.00')
  clock.jump('2026-11-22T09:00:00Z')
  await sell(register, '2.00')
  const path = join(bench.config.state, 'dep7.json')
  const exported = (from: string, to: string) =>
    bench.agent.administration.exportTo('dep7', { from, to, registerId: register.id }, path)
  expect(await exported('1970-01-01T00:00:00Z', '9999-12-31T23:59:59Z')).not.toHaveProperty('partial')
  expect(await exported('2026-11-21T00:00:00Z', '9999-12-31T23:59:59Z')).toMatchObject({ partial: true })
  expect(await exported('1970-01-01T00:00:00Z', '2026-11-21T00:00:00Z')).toMatchObject({ partial: true })
  // A file without a receipt would not verify.
  await rm(path)
  await expect(exported('2027-01-01T00:00:00Z', '2027-12-31T00:00:00Z')).rejects.toMatchObject({
    code: 'unprocessable_entity',
  })
  expect(existsSync(path)).toBe(false)
})

test('a closing has a receipt in every form, with the code that was signed', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const { id, till } = await austrianTill(bench)
  const zero = await till.post(`/v1/registers/${id}/closings`, { type: 'zero' })
  const path = `/v1/operations/${String(zero['id'])}/receipt`
  const code = (zero['fiscal_information'] as { machine_code: string }).machine_code
  const model = await till.get(path)
  expect(model).toMatchObject({ title: 'Nullbeleg', qr: code, total: { value: '0.00' }, taxes: [], payments: [] })
  expect((await till.call({ path: `${path}?format=escpos` })).text).toContain(code)
  expect((await till.call({ path: `${path}?format=text` })).text).toContain('Nullbeleg')
  for (const form of ['pdf', 'png', 'html']) {
    const answer = await till.call({ path: `${path}?format=${form}` })
    expect([form, answer.status]).toEqual([form, 200])
  }
  expect(await till.get(`${path}?copy=true`)).toMatchObject({
    copy: true,
    qr: code,
    notices: ['KOPIE', 'TESTBETRIEB', 'NICHT ZERTIFIZIERT'],
  })
})

test('a sale paid by transfer alone is not a Barumsatz, nor its void or return; a mixed one is signed whole', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const register = await austrianTill(bench)
  const { id, till } = register
  const owed = await till.create(goods('sale', id, [['10.00', '0.20']]))
  const unsigned = await till.complete(owed, [pay('bank_transfer', '10.00', { status: 'pending' })])
  expect(unsigned).toMatchObject({ status: 'completed', fiscal: { state: 'not_required' }, fiscal_information: null })
  const voided = await till.create(event('void', id, { related_operation_id: owed.id }))
  expect(voided).toMatchObject({ fiscal: { state: 'not_required' }, fiscal_information: null })
  const owedToo = await till.create(goods('sale', id, [['10.00', '0.20']]))
  await till.complete(owedToo, [pay('bank_transfer', '10.00')])
  const back = await till.create(goods('return', id, [['-5.00', '0.20']], { related_operation_id: owedToo.id }))
  expect(await till.complete(back, [pay('bank_transfer', '-5.00')])).toMatchObject({
    ...{ status: 'completed', fiscal: { state: 'not_required' }, fiscal_information: null },
  })
  const part = await till.create(goods('sale', id, [['10.00', '0.20']]))
  const mixed = await till.complete(part, [pay('bank_transfer', '4.00'), pay('cash', '6.00')])
  expect(receiptOf(mixed)).toMatchObject({ receipt_number: '2', document_type: 'standard' })
  const taken = await till.create(goods('return', id, [['-1.00', '0.20']], { related_operation_id: part.id }))
  expect(receiptOf(await till.complete(taken, [pay('bank_transfer', '-1.00')]))).toMatchObject({
    receipt_number: '3',
  })
  expect(await verifiedDep(bench, id)).toMatchObject({ valid: true, receipts: 3, turnoverCents: 900n })
  const rows = new TextDecoder().decode(await bench.exported('dep131', { register_id: id }))
  expect(rows).toContain('bank_transfer:10.00')
})

test('a deposit paid by transfer and the rest of its goods are not a Barumsatz; each part counts as paid', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const register = await austrianTill(bench)
  const { id, till } = register
  const deposit = () => till.create(goods('deposit', id, [['50.00', '0.20', { type: 'deposit' }]]))
  const capture = (paid: { id: string }) =>
    till.create(
      goods(
        'deposit_capture',
        id,
        [
          ['120.00', '0.20'],
          ['-50.00', '0.20', { type: 'deposit' }],
        ],
        {
          related_operation_id: paid.id,
        },
      ),
    )
  const notSigned = { status: 'completed', fiscal: { state: 'not_required' }, fiscal_information: null }
  const sent = await deposit()
  expect(await till.complete(sent, [pay('bank_transfer', '50.00')])).toMatchObject(notSigned)
  expect(receiptOf(await till.complete(await capture(sent), [pay('cash', '70.00')]))).toMatchObject({
    receipt_number: '2',
  })
  const taken = await deposit()
  expect(receiptOf(await till.complete(taken, [pay('cash', '50.00')]))).toMatchObject({ receipt_number: '3' })
  expect(await till.complete(await capture(taken), [pay('bank_transfer', '70.00')])).toMatchObject(notSigned)
  expect(await verifiedDep(bench, id)).toMatchObject({ valid: true, receipts: 3, turnoverCents: 12_000n })
})

test('the return of a capture by transfer is signed if it pays out a deposit that was a Barumsatz', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const register = await austrianTill(bench)
  const { id, till } = register
  const deposit = (amount: string) => [amount, '0.20', { type: 'deposit' }] as const
  const goodsOf = (type: 'deposit_capture' | 'return', lines: Parameters<typeof goods>[2], of: { id: string }) =>
    till.create(goods(type, id, lines, { related_operation_id: of.id }))
  const paid = await till.create(goods('deposit', id, [deposit('50.00')]))
  await till.complete(paid, [pay('cash', '50.00')])
  const captured = async () => {
    const open = await goodsOf('deposit_capture', [['120.00', '0.20'], deposit('-50.00')], paid)
    return till.complete(open, [pay('bank_transfer', '70.00')])
  }
  const first = await captured()
  const back = await goodsOf('return', [['-120.00', '0.20'], deposit('50.00')], first)
  expect(await till.complete(back, [pay('bank_transfer', '-70.00')])).toMatchObject({
    fiscal: { state: 'not_required' },
  })
  const all = await goodsOf('return', [['-120.00', '0.20']], await captured())
  expect(receiptOf(await till.complete(all, [pay('bank_transfer', '-120.00')]))).toMatchObject({ receipt_number: '3' })
  expect(await verifiedDep(bench, id)).toMatchObject({ valid: true, receipts: 3 })
})

describe('receipts of one register hang on each other', () => {
  test('sales of three registers on one card, completed at once: every chain is whole', async () => {
    await using bench = await Bench.open({ config: ONE_CARD })
    const location = await austrianShop(bench)
    const registers = [1, 2, 3].map(() => austrianTill(bench, location))
    const tills = await Promise.all(registers)
    await Promise.all(
      tills.flatMap((register) => ['1.00', '2.00', '3.00', '4.00', '5.00'].map((amount) => sell(register, amount))),
    )
    for (const { id } of tills) {
      expect(await verifiedDep(bench, id)).toMatchObject({ valid: true, receipts: 6, turnoverCents: 1500n })
    }
    expect(await bench.office.refused({ path: '/v1/exports', body: exportOf('dep7') })).toMatchObject({
      code: 'unprocessable_entity',
      details: { pointer: '/register_id' },
      message: expect.stringContaining(`${tills[0]?.clientId} is ${tills[0]?.id}`),
    })
  })

  test('a repeated completion is answered from the journal: no second receipt', async () => {
    await using bench = await Bench.open({ config: ONE_CARD })
    const register = await austrianTill(bench)
    const open = await register.till.create(goods('sale', register.id, [['1.00', '0.20']]))
    const body = { payments: [pay('cash', '1.00')] }
    const call = { path: `/v1/operations/${open.id}/complete`, body, key: 'once', ifMatch: 1 }
    const answers = await Promise.all([1, 2, 3].map(() => register.till.call(call)))
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    expect(await verifiedDep(bench, register.id)).toMatchObject({ valid: true, receipts: 2, turnoverCents: 100n })
  })
})

function exportOf(type: string): object {
  return { type, from: '1970-01-01T00:00:00Z', to: '9999-12-31T23:59:59Z' }
}
