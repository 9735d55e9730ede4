// @module-tag heavy
import { expect, test } from 'vitest'
import { verifyJournal } from '../verified-journal.ts'
import { austrianTill, ONE_CARD } from './austria/shop.ts'
import type { Register } from './bench.ts'
import { Bench } from './bench.ts'
import type { Members } from './client.ts'
import { voiding } from './client.ts'
import { event, goods, pay } from './goods.ts'
import { italianTill, ONE_PRINTER } from './italy/shop.ts'
import { closing } from './shift.ts'

type Count = Members & { id: string }

const EVER = { from: '1970-01-01T00:00:00Z', to: '9999-12-31T23:59:59Z' }

function euro(amount: number): string {
  return amount.toFixed(2).replace('.', ',')
}

function counts({ id, till }: Register, amount: string, more: Members = {}): Promise<Count> {
  return till.create(event('session_cash_count', id, { counted_closing_amount: amount, ...more }))
}

async function refusal({ id, till }: Register, amount: string, more: Members) {
  const body = event('session_cash_count', id, { counted_closing_amount: amount, ...more })
  return till.refused({ path: '/v1/operations', body })
}

test.each([
  ['KassenSichV', {}, (bench: Bench) => bench.till('50.00')],
  ['RKSV', ONE_CARD, austrianTill],
  ['RT', ONE_PRINTER, italianTill],
] as const)('under %s a miscount is corrected, again and again, until the close', async (law, config, tillOf) => {
  await using bench = await Bench.open({ config })
  const register = await tillOf(bench)
  const { id, till } = register
  const { expected_closing_amount: expected } = await till.get(`/v1/registers/${id}/session`)
  const cash = Number(expected)
  const first = await counts(register, (cash + 1147.5).toFixed(2), { operator_id: 'bert' })
  expect(first).not.toHaveProperty('correction_amount')
  const second = await counts(register, cash.toFixed(2), { corrects_operation_id: first.id, operator_id: 'anna' })
  expect(second).toMatchObject({
    corrects_operation_id: first.id,
    expected_closing_amount: expected,
    closing_cashcount_diff: '0.00',
    correction_amount: '-1147.50',
  })
  expect(await till.get(`/v1/registers/${id}/session`)).toMatchObject({
    state: 'counted',
    counted_closing_amount: cash.toFixed(2),
    closing_cashcount_diff: '0.00',
  })
  const third = await counts(register, (cash - 2).toFixed(2), { corrects_operation_id: second.id })
  expect(third).toMatchObject({ closing_cashcount_diff: '-2.00', correction_amount: '-2.00' })
  const paper = await till.get(`/v1/operations/${second.id}/receipt?language=de`)
  expect(paper).toMatchObject({ title: 'Kassensturz, berichtigt' })
  const lines = (paper['lines'] as { label: string; value: string }[]).map(({ label, value }) => [label, value])
  expect(lines).toEqual([
    ['Gezählt', cash.toFixed(2)],
    ['Zuvor gezählt', (cash + 1147.5).toFixed(2)],
    ['Soll', expected],
    [law === 'KassenSichV' ? 'Berichtigung (DifferenzSollIst)' : 'Berichtigung', '-1147.50'],
  ])
  expect(await till.get(`/v1/operations/${first.id}/receipt?language=de`)).toMatchObject({ title: 'Kassensturz' })
  // The cap of the close is what the last count found.
  const over = closing(register, `-${(cash - 1).toFixed(2)}`)
  expect(await till.refused({ path: '/v1/operations', body: over })).toMatchObject({ status: 422 })
  const closed = await till.create(closing(register, '-1.00'))
  expect(closed).toMatchObject({ amount_left: (cash - 3).toFixed(2) })
  const notes = await bench.agent.administration.auditNotes(EVER, true)
  const [noted, last] = notes.corrected_counts
  expect(noted).toMatchObject({
    operation_id: second.id,
    amount: cash.toFixed(2),
    by: 'anna',
    before: { operation_id: first.id, amount: (cash + 1147.5).toFixed(2), by: 'bert' },
  })
  expect(last).toMatchObject({ operation_id: third.id, before: { operation_id: second.id, by: 'anna' } })
  expect(notes.corrected_counts).toHaveLength(2)
  await bench.stop()
  expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true })
  await bench.start()
})

test.each([
  ['KassenSichV', {}, (bench: Bench) => bench.till('50.00')],
  ['RKSV', ONE_CARD, austrianTill],
  ['RT', ONE_PRINTER, italianTill],
] as const)(
  'under %s a count at noon leaves the shift open, and is a note with its difference',
  async (law, config, tillOf) => {
    await using bench = await Bench.open({ config })
    const register = await tillOf(bench)
    const { id, till } = register
    const cash = Number((await till.get(`/v1/registers/${id}/session`))['expected_closing_amount'])
    const begun = await till.create(goods('sale', id, [['1.00', law === 'KassenSichV' ? '0.07' : '0.10']]))
    const noon = { interim: true, operator_id: 'anna', discrepancy_note: 'Rolle fehlt' }
    await counts(register, cash.toFixed(2), { interim: true })
    const noted = await counts(register, (cash - 2).toFixed(2), noon)
    const amounts = {
      expected_closing_amount: cash.toFixed(2),
      counted_closing_amount: (cash - 2).toFixed(2),
      closing_cashcount_diff: '-2.00',
    }
    expect(noted).toMatchObject({
      ...amounts,
      interim: true,
      fiscal: { state: 'not_required' },
      fiscal_information: null,
    })
    const newest = { ...amounts, operator_id: 'anna', counted_at: noted['created_at'] }
    expect(await till.get(`/v1/registers/${id}/session`)).toMatchObject({
      state: 'open',
      expected_closing_amount: cash.toFixed(2),
      counted_closing_amount: null,
      interim_count: newest,
    })
    const paper = await till.get(`/v1/operations/${noted.id}/receipt?language=de`)
    expect(paper).toMatchObject({ title: 'Kassensturz während der Schicht', total: { value: '0.00' } })
    const lines = (paper['lines'] as { label: string; value: string }[]).map(({ label, value }) => [label, value])
    expect(lines).toEqual([
      ['Gezählt', (cash - 2).toFixed(2)],
      ['Soll', cash.toFixed(2)],
      ['Differenz', '-2.00'],
    ])
    if (law !== 'RT') {
      const report = await till.post(`/v1/registers/${id}/closings`, { type: 'shift' })
      expect(report['interim']).toMatchObject({ cash_counts: [{ closing_cashcount_diff: '0.00' }, newest] })
      const slip = await till.get(`/v1/closings/${String(report['id'])}/receipt?language=de`)
      const values = (slip['header'] as { label: string; value: string }[]).filter(({ label }) =>
        label.startsWith('Kassensturz'),
      )
      expect(values.map(({ value }) => value)).toEqual(
        [cash, cash - 2].map((each) => `${euro(each)} (Soll ${euro(cash)})`),
      )
    }
    expect((await till.call(voiding(begun))).status).toBe(200)
    const counted = await counts(register, cash.toFixed(2))
    expect(counted).toMatchObject({ closing_cashcount_diff: '0.00' })
    expect(counted).not.toHaveProperty('interim')
    expect(await refusal(register, cash.toFixed(2), { interim: true })).toMatchObject({
      code: 'session_already_counted',
    })
    await till.create(closing(register, '0.00'))
    const { interim_counts: notes, corrected_counts: corrected } = await bench.agent.administration.auditNotes(
      EVER,
      true,
    )
    expect(corrected).toEqual([])
    expect(notes).toMatchObject([{ difference: '0.00' }, { operation_id: noted.id, difference: '-2.00', by: 'anna' }])
    if (law === 'RKSV') {
      const rows = Buffer.from(await bench.exported('dep131'))
        .toString('utf8')
        .split('\n')
      expect(rows.filter((row) => row.includes('session_cash_count.interim'))).toHaveLength(2)
    }
    await bench.stop()
    expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true, findings: [] })
    await bench.start()
  },
)

test('a count at noon corrects none, and needs an open session', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const sent = { interim: true, corrects_operation_id: 'op_none' }
  expect(await refusal(register, '50.00', sent)).toMatchObject({
    status: 422,
    code: 'unprocessable_entity',
    fiscal_effect: 'none',
    details: { pointer: '/corrects_operation_id' },
  })
  expect(await counts(register, '50.00', { interim: false })).toMatchObject({ fiscal: { state: 'succeeded' } })
  await register.till.create(closing(register, '0.00'))
  expect(await refusal(register, '50.00', { interim: true })).toMatchObject({ status: 409, code: 'no_open_session' })
})

test('a correction names the newest count of the session, by its id or its key, and another amount', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const { id, till } = register
  const invalid = { status: 422, code: 'related_operation_invalid', fiscal_effect: 'none' }
  expect(await refusal(register, '50.00', { corrects_operation_id: 'op_none' })).toMatchObject(invalid)
  const sold = await till.create(goods('sale', id, [['1.00', '0.07']]))
  await till.complete(sold, [pay('cash', '1.00')])
  const first = await counts(register, '60.00')
  expect(await refusal(register, '51.00', {})).toMatchObject({ status: 409, code: 'session_already_counted' })
  for (const wrong of ['op_none', sold.id, ' '])
    expect(await refusal(register, '51.00', { corrects_operation_id: wrong })).toMatchObject(invalid)
  expect(await refusal(register, '60.0', { corrects_operation_id: first.id })).toMatchObject({
    status: 422,
    code: 'unprocessable_entity',
    details: { pointer: '/counted_closing_amount' },
  })
  expect(await refusal(register, '-1.00', { corrects_operation_id: first.id })).toMatchObject({ status: 422 })
  const body = event('session_cash_count', id, { counted_closing_amount: '51.00', corrects_operation_id: first.id })
  const second = await till.create(body, 'second')
  expect(second).toMatchObject({ correction_amount: '-9.00' })
  expect(await refusal(register, '52.00', { corrects_operation_id: first.id })).toMatchObject({
    ...invalid,
    details: { pointer: '/corrects_operation_id', newest_count_id: second.id },
  })
  const third = await counts(register, '52.00', { corrects_operation_id: 'key:second' })
  expect(third).toMatchObject({ corrects_operation_id: second.id, correction_amount: '1.00' })
  await till.create(closing(register, '0.00'))
  expect(await refusal(register, '51.00', { corrects_operation_id: third.id })).toMatchObject({
    status: 409,
    code: 'no_open_session',
  })
  await till.create(event('session_open', id, { opening_balance_amount: '52.00' }))
  expect(await refusal(register, '51.00', { corrects_operation_id: third.id })).toMatchObject(invalid)
  await counts(register, '53.00')
  expect(await refusal(register, '51.00', { corrects_operation_id: third.id })).toMatchObject(invalid)
})
