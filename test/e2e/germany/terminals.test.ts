// @module-tag heavy
import { expect, test } from 'vitest'
import { austrianTill, ONE_CARD } from '../austria/shop.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import type { Members } from '../client.ts'
import { event, goods, pay } from '../goods.ts'
import { italianTill, ONE_PRINTER } from '../italy/shop.ts'
import { closeExpected } from '../shift.ts'
import { verifiedPackage } from './package-rows.ts'

const HANDHELD = {
  id: 'Handgerät 1',
  serial_number: 'HG-0001',
  brand: 'Muster',
  model: 'M 5',
  software_brand: 'Kellner',
  software_version: '4.2',
}
const PLAIN = { id: 'Handgerät 2', serial_number: 'HG-0002' }

/** A register with these terminals, in a session. */
async function tillWith(bench: Bench, terminals: readonly Members[]): Promise<Register> {
  const { locationId } = await bench.shop()
  const register = await bench.register(locationId)
  await bench.office.patch(`/v1/registers/${register.id}`, { terminals })
  await register.till.create(event('session_open', register.id, { opening_balance_amount: '100.00' }))
  return register
}

async function sells({ id, till }: Register, more: Members = {}): Promise<Members & { id: string }> {
  const open = await till.create(goods('sale', id, [['1.00', '0.07']], more))
  return till.complete(open, [pay('cash', '1.00')])
}

test('a bon names its terminal, and slaves.csv describes each terminal that was used in the closing', async () => {
  await using bench = await Bench.open()
  const register = await tillWith(bench, [HANDHELD, PLAIN, { id: 'unused', serial_number: 'HG-0003' }])
  const { id, till } = register
  const sold = await sells(register, { terminal_id: PLAIN.id })
  expect(sold).toMatchObject({ terminal_id: PLAIN.id })
  await sells(register)
  const abandoned = await till.create(goods('sale', id, [['1.00', '0.07']], { terminal_id: HANDHELD.id }))
  await till.void(abandoned)
  await till.create(event('void', id, { related_operation_id: sold.id, terminal_id: HANDHELD.id }))
  await till.create(event('session_cash_adjustment', id, { cash_amount: '-5.00', terminal_id: PLAIN.id }))
  await closeExpected(register)
  const { bons, terminals } = await verifiedPackage(bench)
  expect(bons.map((bon) => bon['TERMINAL_ID'])).toEqual(['', PLAIN.id, '', HANDHELD.id, HANDHELD.id, PLAIN.id, ''])
  expect(terminals).toMatchObject([
    { TERMINAL_ID: PLAIN.id, TERMINAL_SERIENNR: PLAIN.serial_number, TERMINAL_BRAND: '', TERMINAL_SW_VERSION: '' },
    {
      TERMINAL_ID: HANDHELD.id,
      TERMINAL_BRAND: 'Muster',
      TERMINAL_MODELL: 'M 5',
      TERMINAL_SERIENNR: 'HG-0001',
      TERMINAL_SW_BRAND: 'Kellner',
      TERMINAL_SW_VERSION: '4.2',
    },
  ])
})

test('a change of the terminals waits for the close, and each closing describes them as they were', async () => {
  await using bench = await Bench.open()
  const register = await tillWith(bench, [PLAIN])
  const path = `/v1/registers/${register.id}`
  const exchanged = [{ ...PLAIN, serial_number: '9'.repeat(70) }]
  const waiting = await bench.office.patch(path, { terminals: exchanged })
  expect(waiting).toMatchObject({ terminals: [PLAIN], pending_changes: { terminals: exchanged } })
  await sells(register, { terminal_id: PLAIN.id })
  await closeExpected(register)
  expect(await bench.office.get(path)).toMatchObject({ terminals: exchanged })
  await register.till.create(event('session_open', register.id, { opening_balance_amount: '101.00' }))
  await sells(register, { terminal_id: PLAIN.id })
  await bench.office.patch(path, { terminals: [] })
  await closeExpected(register)
  expect((await bench.office.get(path))['terminals']).toEqual([])
  // The serial number of 70 characters is whole, and index.xml allows it.
  const { terminals } = await verifiedPackage(bench)
  expect(terminals.map((row) => [row['Z_NR'], row['TERMINAL_SERIENNR']])).toEqual([
    ['1', 'HG-0002'],
    ['2', '9'.repeat(70)],
  ])
})

test('an operation of a terminal that the register does not have is refused and records nothing', async () => {
  await using bench = await Bench.open()
  const register = await tillWith(bench, [PLAIN])
  const { id, till } = register
  const unknown = { terminal_id: 'handgerät 2' }
  const bodies = [
    goods('sale', id, [['1.00', '0.07']], unknown),
    event('session_cash_adjustment', id, { cash_amount: '-5.00', ...unknown }),
    event('session_cash_count', id, { counted_closing_amount: '100.00', ...unknown }),
  ]
  for (const body of bodies)
    expect(await till.refused({ path: '/v1/operations', body })).toMatchObject({
      status: 422,
      code: 'unprocessable_entity',
      fiscal_effect: 'none',
      details: { pointer: '/terminal_id', terminal_id: 'handgerät 2' },
    })
})

test.each<[string, unknown, number, string]>([
  ['one id twice', [PLAIN, HANDHELD, PLAIN], 422, '/terminals/2/id'],
  ['51 terminals', Array.from({ length: 51 }, (_, n) => ({ id: `T${n}`, serial_number: 'x' })), 400, '/terminals'],
  ['no serial number', [{ id: 'T1' }], 400, '/terminals/0/serial_number'],
  ['a blank id', [{ ...PLAIN, id: ' ' }], 400, '/terminals/0/id'],
  ['a control character', [{ ...PLAIN, id: 'T\t1' }], 400, '/terminals/0/id'],
  ['an id of 51 characters', [{ ...PLAIN, id: 'x'.repeat(51) }], 400, '/terminals/0/id'],
  [
    'a serial number of 71 characters',
    [{ ...PLAIN, serial_number: '9'.repeat(71) }],
    400,
    '/terminals/0/serial_number',
  ],
])('terminals with %s are refused', async (_what, terminals, status, pointer) => {
  await using bench = await Bench.open()
  const { locationId } = await bench.shop()
  const { id } = await bench.register(locationId)
  const refusal = await bench.office.refused({ method: 'PATCH', path: `/v1/registers/${id}`, body: { terminals } })
  expect(refusal).toMatchObject({ status, fiscal_effect: 'none' })
  expect(JSON.stringify(refusal.details)).toContain(`"${pointer}"`)
  expect(await bench.office.get(`/v1/registers/${id}`)).not.toHaveProperty('terminals')
})

test.each([
  ['RKSV', ONE_CARD, austrianTill, '0.20'],
  ['RT', ONE_PRINTER, italianTill, '0.22'],
] as const)(
  'a register under %s has no terminals and takes none with an operation',
  async (_law, config, tillOf, rate) => {
    await using bench = await Bench.open({ config })
    const { id, till } = await tillOf(bench)
    const bodies = [
      goods('sale', id, [['1.00', rate]], { terminal_id: 'T1' }),
      event('session_cash_adjustment', id, { cash_amount: '-1.00', terminal_id: 'T1' }),
    ]
    const calls = [
      ...bodies.map((body) => ['terminal_id', { path: '/v1/operations', body }] as const),
      ['terminals', { method: 'PATCH', path: `/v1/registers/${id}`, body: { terminals: [PLAIN] } }] as const,
    ]
    for (const [member, call] of calls)
      expect(await (member === 'terminals' ? bench.office : till).refused(call)).toMatchObject({
        status: 422,
        code: 'not_supported_by_law',
        fiscal_effect: 'none',
        details: { member, pointer: `/${member}` },
      })
  },
)
