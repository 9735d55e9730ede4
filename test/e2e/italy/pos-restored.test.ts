// @module-tag heavy
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { rebuildProjections } from '../../../agent/journal/rebuild.ts'
import { backUp, restore } from '../../backup/parts.ts'
import { temporaryDirectory } from '../../journal/temporary-journal.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import type { Members } from '../client.ts'
import { pay } from '../goods.ts'
import { Looks } from './looks.ts'
import { printerOf } from './printer-beside.ts'
import { closed, italianShop, movement, tillAt } from './shop.ts'

const PATH = '/v1/payment-terminals'
const EVER = { from: '1970-01-01T00:00:00Z', to: '9999-12-31T23:59:59Z' }
const ACQUIRER = { tax_number: '12345678903', name: 'Acquirer S.p.A.' }

type Bar = { bench: Bench; location: string; first: Register; second: Register; looks: Looks }

async function sold({ till, ...register }: Register, amount: string, terminal: string): Promise<void> {
  const open = await till.create(movement('sale', register, [{ title: 'Caffè', amount }]))
  await till.complete(open, [pay('card', amount, { tid: terminal })])
}

/** Two terminals over months: one moves to the other printer, one ends, is unlinked, and is used again. */
async function monthsOf({ bench, location, first, second, looks }: Bar): Promise<void> {
  const { office } = bench
  const { administration } = bench.agent
  const common = { location_id: location, acquirer: ACQUIRER, active_from: '2026-02-10' }
  const links = async (path: string) => (await office.get(path))['links'] as Members[]
  const physical = { kind: 'physical', tid: '50123456', register_ids: [first.id] }
  const moved = `${PATH}/${(await office.post(PATH, { ...common, ...physical }))['id']}`
  const virtual = {
    kind: 'virtual',
    register_ids: [first.id, second.id],
    holder: 'franchisor',
    active_to: '2026-02-28',
  }
  const back = `${PATH}/${(await office.post(PATH, { ...common, ...virtual }))['id']}`
  await sold(first, '12.20', '50123456')
  await closed(first)
  looks.jump('2026-03-10T09:00:00Z')
  await office.patch(moved, { register_ids: [second.id] })
  for (const { duty_id: duty } of await links(back)) await administration.confirmTask(String(duty), 'done')
  looks.jump('2026-04-07T09:00:00Z')
  await office.patch(back, { active_to: null })
  expect((await links(back)).map(({ state }) => state)).toEqual([...Array(4).fill('confirmed'), 'due', 'due'])
  expect((await links(moved)).map(({ state }) => state)).toEqual(['due', 'due', 'due'])
}

/** What a person sees of them. */
async function seen(bench: Bench): Promise<unknown> {
  const csv = async (type: string): Promise<string> => {
    const file = join(bench.config.state, `${type}.csv`)
    await bench.agent.administration.exportTo(type, EVER, file)
    return readFileSync(file, 'utf8')
  }
  const duties = await bench.office.list('/v1/duties?regime=RT&limit=100')
  const tasks = bench.agent.administration.listTasks() as readonly { id: string }[]
  return {
    terminals: await bench.office.list(PATH),
    duties,
    tasks: tasks.filter(({ id }) => /^(pos|rt)-/.test(id)),
    links: await csv('pos_links'),
    sheet: await csv('pos_sheet'),
  }
}

async function inBar(use: (bar: Bar, devices: readonly Members[]) => Promise<void>): Promise<void> {
  await using one = await printerOf('rch')
  await using other = await printerOf('custom')
  const devices = [one.device(), { ...other.device(), id: 'rt-2' }]
  const looks = new Looks()
  looks.jump('2026-02-10T09:00:00Z')
  await using bench = await Bench.open({ config: { devices }, clock: looks })
  const location = await italianShop(bench)
  const [first, second] = [await tillAt(bench, 'rt-1', location), await tillAt(bench, 'rt-2', location)]
  const bar = { bench, location, first, second, looks }
  await monthsOf(bar)
  await use(bar, devices)
}

test('a rebuilt journal and a restored backup have the same terminals, duties and bytes of both sheets', () =>
  inBar(async ({ bench, looks }, devices) => {
    const before = await seen(bench)
    expect(before).toMatchObject({
      links: expect.stringContaining('confermato'),
      sheet: expect.stringContaining('12.20'),
    })
    await bench.restart(async () => void (await rebuildProjections(bench.config.state)))
    expect(await seen(bench)).toEqual(before)
    const folder = await temporaryDirectory()
    const { file } = await backUp(bench.config.state, folder)
    await bench.stop()
    const state = `${folder}/state`
    await restore(state, file)
    await using restored = await Bench.open({ config: { devices, state }, clock: looks })
    expect(await seen(restored)).toEqual(before)
  }))
