import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../../agent/clock.ts'
import { CryptovisionSimulator } from '../../drivers/tse-cryptovision/simulator.ts'
import { Bench } from './bench.ts'
import { completion } from './client.ts'
import { goods, pay } from './goods.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vendor-'))
})
afterEach(() => rm(folder, { recursive: true }))

test('a card from the factory: set up with PINs that are shown once, pulled in the middle of a sale and put back', async () => {
  const mount = join(folder, 'media')
  const card = new CryptovisionSimulator({ directory: join(folder, 'card'), mount, clock: systemClock })
  await card.plugIn()
  const device = { id: 'tse-1', driver: 'tse-cryptovision', path: mount }
  await using bench = await Bench.open({ config: { devices: [device] } })
  const { administration } = bench.agent
  const set = (await administration.deviceAct('tse-1', 'init')) as { new_secrets?: Record<string, string> }
  expect(Object.keys(set.new_secrets ?? {}).sort()).toEqual(['adminPin', 'adminPuk', 'timeAdminPin', 'timeAdminPuk'])
  expect(await administration.deviceAct('tse-1', 'init')).not.toHaveProperty('new_secrets')
  const { id, till } = await bench.till()
  const sold = await till.create(goods('sale', id, [['1.00', '0.07']]))
  const first = await till.call(completion(sold, [pay('cash', '1.00')]))
  expect([first.status, first.json['fiscal']]).toMatchObject([200, { state: 'succeeded' }])

  const interrupted = await till.create(goods('sale', id, [['2.00', '0.07']]))
  await card.pullOut()
  const outage = await till.call(completion(interrupted, [pay('cash', '2.00')]))
  expect([outage.status, outage.json['fiscal']]).toMatchObject([200, { state: 'failed' }])
  await card.plugIn()
  await administration.deviceAct('tse-1', 'status')
  await bench.untilDevice('ready')
  const after = await till.create(goods('sale', id, [['3.00', '0.07']]))
  expect((await till.call(completion(after, [pay('cash', '3.00')]))).json['fiscal']).toMatchObject({
    state: 'succeeded',
  })
  const told = JSON.stringify(bench.journal()) + JSON.stringify(bench.lines)
  for (const secret of Object.values(set.new_secrets ?? {})) expect(told).not.toContain(secret)
  await card.pullOut()
})
