import { expect, test } from 'vitest'
import { heavy } from '../../tags.ts'
import { verifyJournal } from '../../verified-journal.ts'
import { Bench } from '../bench.ts'
import { processData, signed } from '../client.ts'
import { event } from '../goods.ts'
import { endShift } from '../shift.ts'
import { verifiedPackage } from './package-rows.ts'
import { billed, coffees, cups, openLines, ordered, tavern } from './tavern.ts'

test('the last register of a place neither moves nor ends while lines are open there, unless its TSE is retired', async () => {
  await using bench = await Bench.open()
  const { bar, terrace, locationId } = await tavern(bench)
  const { id: elsewhere } = await bench.office.post('/v1/locations', {
    ...(await placeOf(bench, locationId)),
    name: 'Z',
  })
  await ordered(bar, 'Tisch 7', cups(2))
  await ordered(bar, 'Tisch 9', cups(1))
  for (const register of [bar, terrace]) await endShift(register)
  // Another one stays.
  await bench.office.post(`/v1/registers/${terrace.id}/decommission`, {}, 200)
  const head = bench.head()
  const left = {
    ...{ status: 409, code: 'open_order_lines', fiscal_effect: 'none' },
    details: {
      ...{ register_id: bar.id, location_id: locationId, total_amount: '11.97' },
      allocation_groups: [
        { allocation_group: 'Tisch 7', total_amount: '7.98' },
        { allocation_group: 'Tisch 9', total_amount: '3.99' },
      ],
    },
  }
  const path = `/v1/registers/${bar.id}`
  expect(await bench.office.refused({ method: 'PATCH', path, body: { location_id: elsewhere } })).toMatchObject(left)
  expect(await bench.office.refused({ path: `${path}/decommission`, body: {} })).toMatchObject(left)
  expect(bench.requestedSince(head)).toEqual([])
  await bench.agent.administration.retireTse('tse-1', 'water')
  await bench.office.post(`${path}/decommission`, {}, 200)
  expect((await verifyJournal(bench.config.state)).findings).toEqual([])
})

async function placeOf(bench: Bench, id: string) {
  const { address, timezone } = await bench.office.get(`/v1/locations/${id}`)
  return { address, timezone }
}

test('a move in practice is signed as practice and moves nothing', heavy(), async () => {
  await using bench = await Bench.open()
  const { bar } = await tavern(bench)
  await ordered(bar, 'Tisch 7', cups(2))
  const groups = { from_allocation_group: 'Tisch 7', allocation_group: 'Tisch 12', training: true }
  const moved = await bar.till.create(event('order_move', bar.id, groups))
  expect(moved).toMatchObject({ type: 'order_move', status: 'completed', training: true, moved_lines: [] })
  expect([signed(moved)?.['document_type'], processData(moved)]).toEqual([
    'AVTraining',
    'AVTraining^0.00_0.00_0.00_0.00_0.00^',
  ])
  // Where nothing is open, too: what is practised is open nowhere.
  await bar.till.create(event('order_move', bar.id, { ...groups, from_allocation_group: 'Tisch 3' }))
  expect(await openLines(bar.till)).toEqual(['Tisch 7 cup 2'])
  const { text } = await bar.till.call({ path: `/v1/operations/${moved.id}/receipt?format=text` })
  expect(text).toMatch(/Schulung|Training/i)
  await endShift(bar)
  const { bons } = await verifiedPackage(bench)
  expect(bons.filter(({ BON_NAME }) => BON_NAME === 'Umbuchung').map(({ BON_TYP }) => BON_TYP)).toEqual([
    'AVTraining',
    'AVTraining',
  ])
  expect((await verifyJournal(bench.config.state)).findings).toEqual([])
})

test('a bill that settles nothing of a table with open lines has a hint: it may be meant for another table', async () => {
  await using bench = await Bench.open()
  const { bar } = await tavern(bench)
  await ordered(bar, 'Tisch 7', cups(2))
  const other = await billed(bar, 'Tisch 7', coffees(1))
  expect(other).toMatchObject({
    settled_order_lines: [],
    hints: [{ code: 'settled_nothing', message: expect.stringContaining('Tisch 7') }],
  })
  expect(await bar.till.read(other.id)).toMatchObject({ hints: [{ code: 'settled_nothing' }] })
  const bills = [await billed(bar, 'Tisch 7', cups(1), coffees(1)), await billed(bar, 'Tisch 8', coffees(1))]
  for (const bill of bills) expect(bill).not.toHaveProperty('hints')
})
