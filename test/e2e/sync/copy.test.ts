// @module-tag heavy
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkSync } from '../../../agent/cli/checks/sync.ts'
import { backUp, restore } from '../../backup/parts.ts'
import { temporaryDirectory } from '../../journal/temporary-journal.ts'
import { Bench } from '../bench.ts'
import { FastClock } from '../fast-clock.ts'
import { goods } from '../goods.ts'
import { Cloud } from './cloud.ts'

test('an agent whose backup continued elsewhere reports two machines of one identity, and how one continues', async () => {
  const folder = await temporaryDirectory()
  await using cloud = await Cloud.open()
  const sync = { targets: cloud.targets }
  await using bench = await Bench.open({ clock: new FastClock(20), config: { sync } })
  await cloud.enrol(bench.journal())
  const register = await bench.till('50.00')
  const { file } = await backUp(bench.config.state, folder)
  await bench.untilSynced()
  const state = join(folder, 'copy')
  await restore(state, file)
  await using copy = await Bench.open({ clock: new FastClock(20), config: { state, sync } })
  await copy.untilSynced()

  await register.till.create(goods('sale', register.id, [['1.00', '0.07']]))
  await bench.until(async () => (await rowOf(bench))?.['state'] === 'stalled')
  const codes = async (of: Bench) => JSON.stringify(await of.office.get('/readyz'))
  expect(await codes(bench)).toContain('sync_replaced')
  const told = (await checkSync(bench.config, await bench.office.list('/v1/sync'))).at(-1)
  expect(told).toMatchObject({ state: 'failure', message: expect.stringContaining('The agent is in epoch 2') })
  expect(told?.remedy).toMatch(/stop .*journal epoch --above .*sync resume cloud/)

  // This one stays.
  const { administration } = bench.agent
  const taskIds = () => (administration.listTasks() as { id: string }[]).map(({ id }) => id)
  expect(taskIds()).toContain('replaced-cloud-1')
  const begun = await administration.beginEpoch(2)
  expect(begun).toMatchObject({ epoch: 3, begun: true })
  // Its answer was lost.
  expect(await administration.beginEpoch(2)).toEqual({ ...(begun as object), begun: false })
  await bench.agent.administration.resumeSync('cloud')
  await bench.until(async () => (await rowOf(bench))?.['acked_seq'] === bench.journal().length)
  expect(await codes(bench)).not.toContain('sync_replaced')
  expect(taskIds()).not.toContainEqual(expect.stringMatching(/^replaced-/))
  await copy.agent.administration.beginEpoch(0)
  await copy.until(async () => (await rowOf(copy))?.['state'] === 'stalled')
  expect(await codes(copy)).toContain('sync_replaced')
})

async function rowOf(bench: Bench) {
  return (await bench.office.list('/v1/sync'))[0]
}
