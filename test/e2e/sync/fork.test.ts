// @module-tag heavy
import { cp, rm } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { checkSync } from '../../../agent/cli/checks/sync.ts'
import { Bench } from '../bench.ts'
import { FastClock } from '../fast-clock.ts'
import { Cloud } from './cloud.ts'

type Row = { state: string; unacked: number; dismissed: number; warning: string | null; last_error: unknown }

test('events that a fork stranded are reported until a technician dismisses them, journalled with both heads', async () => {
  await using cloud = await Cloud.open()
  await using bench = await Bench.open({ clock: new FastClock(20), config: { sync: { targets: cloud.targets } } })
  const { chainId } = await cloud.enrol(bench.journal())
  const row = async () => (await bench.office.list('/v1/sync'))[0] as unknown as Row
  const note = (count: number) =>
    Promise.all(Array.from({ length: count }, () => bench.agent.administration.createKey('platform')))
  await bench.untilSynced()
  const { state } = bench.config
  const copy = `${state}.copy`
  await bench.restart(() => cp(state, copy, { recursive: true }))
  await note(3)
  await bench.untilSynced()
  await cloud.leave()
  await bench.restart(async () => {
    await rm(state, { recursive: true })
    await cp(copy, state, { recursive: true })
    await rm(copy, { recursive: true })
  })
  // The receiver is unreachable while the copy continues alone, further than the machine that it was copied from.
  await note(9)
  await cloud.comeBack()
  const opened = await bench.until(() => bench.journal().find(({ kind, seq }) => kind === 'journal.opened' && seq > 1))
  expect(JSON.parse(opened.body)).toMatchObject({ facts: { reason: 'fork', previous_chain_id: chainId } })
  const { administration } = bench.agent
  const behind = await bench.until(async () => {
    const { unacked, state: now } = await row()
    // The new epoch has arrived: the remaining events are of the old one.
    return now === 'behind' && (await cloud.hashes(epochOf(opened.body))).length > 0 ? unacked : undefined
  })
  expect(behind).toBeGreaterThan(0)
  // At once, not when it has waited for a quarter of an hour: two machines may be selling.
  const codes = async () => JSON.stringify(await bench.office.get('/readyz'))
  expect(await codes()).toContain('sync_stranded')
  const told = (await checkSync(bench.config, await bench.office.list('/v1/sync'))).at(-1)
  expect(told).toMatchObject({ state: 'failure', remedy: expect.stringContaining('sync dismiss cloud') })

  await expect(administration.resumeSync('nowhere')).rejects.toMatchObject({ code: 'not_found' })
  await administration.dismissSync('cloud', 'the old disk was put back by mistake')
  const said = bench.journal().find(({ kind }) => kind === 'sync.dismissed')
  expect(JSON.parse(said?.body ?? '{}')).toMatchObject({
    facts: {
      target: 'cloud',
      reason: 'the old disk was put back by mistake',
      epochs: [
        {
          ...{ chain: chainId, epoch: 1, code: 'fork' },
          evidence: { stored_hash: expect.any(String), own_checkpoint: { sig: expect.any(String) } },
        },
      ],
    },
  })
  const clear = () => bench.until(async () => ((await row())?.unacked === 0 ? await row() : undefined))
  const after = await clear()
  expect(after).toMatchObject({ warning: null, last_error: null })
  expect(await codes()).not.toContain('sync_stranded')
  expect(after.dismissed).toBeGreaterThan(8)
  await expect(administration.dismissSync('cloud', 'again')).rejects.toMatchObject({ code: 'unprocessable_entity' })
  await bench.restart(async () => undefined)
  expect(await clear()).toMatchObject({ dismissed: after.dismissed, warning: null })
})

function epochOf(body: string): string {
  return (JSON.parse(body) as { facts: { chain_id: string } }).facts.chain_id
}
