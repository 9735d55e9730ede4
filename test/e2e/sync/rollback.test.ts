// @module-tag heavy
import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { verifyJournal } from '../../verified-journal.ts'
import { Bench } from '../bench.ts'
import { FastClock } from '../fast-clock.ts'
import { goods, pay } from '../goods.ts'
import { Cloud } from './cloud.ts'

test("a disk that was rolled back is detected by the receiver's events: a new epoch begins, and both histories stay", async () => {
  await using cloud = await Cloud.open()
  await using bench = await Bench.open({ clock: new FastClock(20), config: { sync: { targets: cloud.targets } } })
  const { chainId } = await cloud.enrol(bench.journal())
  const { id, key } = await bench.till()
  const till = () => bench.client({ 'X-Register-Api-Key': key })
  const sell = async (amount: string) => {
    const open = await till().create(goods('sale', id, [[amount, '0.07']]))
    return till().complete(open, [pay('cash', amount)])
  }
  await sell('1.00')
  await bench.untilSynced()
  const { state } = bench.config
  const snapshot = `${state}.snapshot`
  await bench.restart(() => cp(state, snapshot, { recursive: true }))
  await sell('2.00')
  await bench.untilSynced()
  const before = await cloud.hashes(chainId)
  await bench.restart(async () => {
    // The disk goes back; a TSE is a separate device and does not.
    const devices = join(state, 'devices')
    await rm(join(snapshot, 'devices'), { recursive: true })
    await cp(devices, join(snapshot, 'devices'), { recursive: true })
    await rm(state, { recursive: true })
    await cp(snapshot, state, { recursive: true })
    await rm(snapshot, { recursive: true })
  })
  const opened = await bench.until(() => bench.journal().find(({ kind, seq }) => kind === 'journal.opened' && seq > 1))
  expect(JSON.parse(opened.body)).toMatchObject({
    facts: {
      epoch: 2,
      previous_chain_id: chainId,
      reason: expect.stringMatching(/^(fork|rollback)$/),
      target: 'cloud',
    },
  })
  expect(await cloud.hashes(chainId)).toEqual(before)
  expect((await bench.office.get('/v1/devices'))['data']).toMatchObject([{ state: 'foreign' }])
  await bench.agent.administration.deviceAct('tse-1', 'adopt')
  expect((await sell('3.00')).fiscal?.state).toBe('succeeded')
  const { facts } = JSON.parse(opened.body) as { facts: { chain_id: string } }
  await bench.until(async () => (await cloud.hashes(facts.chain_id)).length >= bench.journal().length - opened.seq + 1)
  expect(bench.journal().filter(({ kind }) => kind === 'journal.opened')).toHaveLength(2)
  const { administration } = bench.agent
  expect(administration.listTasks()).toMatchObject([{ id: 'epoch-2' }])
  await administration.confirmTask('epoch-2')
  expect(administration.listTasks()).toEqual([])
  await bench.stop()
  expect(await verifyJournal(state)).toMatchObject({ valid: true, epoch: 2 })
})
