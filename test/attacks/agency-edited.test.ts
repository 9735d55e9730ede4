import { expect, test } from 'vitest'
import { Bench } from '../e2e/bench.ts'
import { completion } from '../e2e/client.ts'
import type { Agent, Line } from '../e2e/germany/agencies.ts'
import { agentOf, LOTTO, ticket } from '../e2e/germany/agencies.ts'
import { goods, pay } from '../e2e/goods.ts'
import { closeAndReport } from '../e2e/shift.ts'
import { heavy } from '../tags.ts'
import { verifyJournal } from '../verified-journal.ts'
import type { Line as Event } from './insider.ts'
import { amendedAtEnd, findingsAfter, rewriteEvents } from './insider.ts'

// Own turnover that is booked for an agency is missing from the tax return, and the TSE signs both together: the insider
// changes for whom a line was sold, or who the principal was, and signs the journal again.

type Item = { agency_id?: number }

async function sold({ register: { id, till } }: Agent): Promise<string> {
  const open = await till.create(goods('sale', id, [['20.00', '0.19'], ticket('15.60', 1)]))
  return (await till.complete(open, [pay('cash', '35.60')])).id
}

test(
  'own goods that an event after the end makes those of an agency are a change of the operation',
  heavy(),
  async () => {
    await using bench = await Bench.open({ edits: true })
    const shop = await agentOf(bench, [LOTTO])
    const id = await sold(shop)
    const forged = (lines: Event[]): Event[] => {
      const [made] = lines.filter(({ op }) => op === id)
      const sent = made?.body['set'] as { line_items: Item[] } | undefined
      const set = { line_items: sent?.line_items.map((item) => ({ ...item, agency_id: 1 })) }
      return amendedAtEnd(lines, id, set)
    }
    await bench.restart(() => rewriteEvents(bench.config.state, forged))
    expect((await verifyJournal(bench.config.state)).codes).toMatchObject([
      { code: 'operation_changed', level: 'error', facts: { operation: id } },
    ])
  },
)

test('a line of an agency that the merchant did not have then has no package', heavy(), async () => {
  await using bench = await Bench.open({ edits: true })
  const shop = await agentOf(bench, [LOTTO])
  const id = await sold(shop)
  await closeAndReport(shop.register)
  const forged = (line: Event): Event => {
    const set = line.body['set'] as { line_items?: Item[] } | undefined
    if (line.op !== id || set?.line_items === undefined) return line
    const items = set.line_items.map((item) => (item.agency_id === undefined ? item : { ...item, agency_id: 2 }))
    return { ...line, body: { ...line.body, set: { ...set, line_items: items } } }
  }
  await bench.restart(() => rewriteEvents(bench.config.state, (lines) => lines.map(forged)))
  await expect(bench.exported('dsfinvk')).rejects.toThrow(/agency 2 is not one of the company in this closing/)
})

test('a sale for an agency over a change of the list and a restart has no finding', heavy(), async () => {
  await using bench = await Bench.open({ edits: true })
  const shop = await agentOf(bench, [LOTTO])
  await sold(shop)
  await shop.office.patch(`/v1/merchants/${shop.merchant}`, { agencies: [{ ...LOTTO, name: 'Lotto Neu GmbH' }] })
  await closeAndReport(shop.register)
  await bench.restart()
  expect((await verifyJournal(bench.config.state)).codes).toEqual([])
  expect((await bench.exported('dsfinvk')).length).toBeGreaterThan(0)
})

const OWN: Line = ['15.60', '0', { ...ticket('15.60', 1)[2], agency_id: undefined }]

/** A ticket that was rung up as the shop's own, and then as that of the agency. */
async function moved({ register: { id, till } }: Agent): Promise<string> {
  const open = await till.create(goods('sale', id, [OWN]))
  await till.amend(open, goods('sale', id, [ticket('15.60', 1)]))
  await till.call({ ...completion(open, [pay('cash', '15.60')]), ifMatch: 2 })
  return open.id
}

test('a line that an amendment gives to an agency is a cancelled line of the shop, and no finding', async () => {
  await using bench = await Bench.open({ edits: true })
  const id = await moved(await agentOf(bench, [LOTTO]))
  const done = await bench.office.read(id)
  expect(done).toMatchObject({ status: 'completed', cancelled_line_items: [{ quantity: '1', total_amount: '15.60' }] })
  await bench.restart()
  expect((await verifyJournal(bench.config.state)).codes).toEqual([])
})

test('a cancelled line of the shop that was made one of the agency differs from the goods before', async () => {
  await using bench = await Bench.open({ edits: true })
  const id = await moved(await agentOf(bench, [LOTTO]))
  const forged = (line: Event): Event => {
    const set = line.body['set'] as { cancelled_line_items?: Item[] } | undefined
    if (line.op !== id || set?.cancelled_line_items === undefined) return line
    const cancelled = set.cancelled_line_items.map((item) => ({ ...item, agency_id: 1 }))
    return { ...line, body: { ...line.body, set: { ...set, cancelled_line_items: cancelled } } }
  }
  expect(await findingsAfter(bench, forged)).toMatchObject([{ code: 'cancelled_lines_differ' }])
})
