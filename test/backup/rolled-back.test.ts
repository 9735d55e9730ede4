// @module-tag heavy
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isOurs } from '../../agent/laws/germany/ours.ts'
import { Bench } from '../e2e/bench.ts'
import type { Members } from '../e2e/client.ts'
import { FastClock } from '../e2e/fast-clock.ts'
import { sell } from '../e2e/goods.ts'
import { temporaryDirectory } from '../journal/temporary-journal.ts'
import { verifyArchive } from '../verified-archive.ts'
import { verifyJournal } from '../verified-journal.ts'
import { backUp, restore } from './parts.ts'

test('a simulated TSE that a backup rolled back gives no number twice: it signs nothing until adopted', async () => {
  const folder = await temporaryDirectory()
  const disk = join(folder, 'disk')
  await mkdir(disk)
  const targets = [{ id: 'disk', kind: 'file', folder: disk }]
  await using bench = await Bench.open({ clock: new FastClock(20), config: { sync: { targets } } })
  const register = await bench.till()
  await sell(register, '1.00')
  const { file } = await backUp(bench.config.state, folder)
  const given = numbersOf(await sell(register, '2.00'))
  await bench.untilSynced()
  await bench.stop()
  const state = join(folder, 'state')
  await restore(state, file, { tails: [disk] })

  await using other = await Bench.open({ config: { state } })
  const moved = { ...register, till: other.client({ 'X-Register-Api-Key': register.key }) }
  const device = async () => (await other.office.list('/v1/devices'))[0]
  expect(await device()).toMatchObject({ state: 'foreign', warnings: [{ code: 'tse_rolled_back' }] })
  expect(JSON.stringify(await device())).toContain('device adopt tse-1')
  expect(JSON.stringify(await other.office.get('/readyz'))).toContain('tse_rolled_back')
  expect((await sell(moved, '3.00')).fiscal).toMatchObject({ state: 'failed', receipt_text: 'TSE ausgefallen' })

  const answer = (await other.agent.administration.deviceAct('tse-1', 'adopt')) as Members
  expect(answer).toMatchObject({ state: 'ready', lost_transactions: [] })
  const skipped = answer['skipped'] as { from: number; to: number }
  expect(skipped.to).toBeGreaterThan(given.counter)
  const next = numbersOf(await sell(moved, '4.00'))
  // An inspector gets all logs; the gap has its audit log.
  const report = await verifyArchive(await other.exported('tse_tar'))
  expect(report).toMatchObject({ sound: true, findings: [{ rule: 'TR-03153-1 §9.2' }] })
  expect(await other.agent.administration.deviceAct('tse-1', { act: 'archive', deletes: true })).toMatchObject({
    device: 'tse-1',
  })
  expect([next.transaction > given.transaction, next.counter > skipped.to]).toEqual([true, true])
  await other.restart()
  expect(await device()).toMatchObject({ state: 'ready' })
  await other.stop()
  expect(await verifyJournal(state)).toMatchObject({ valid: true, projections: 'equal' })
})

function numbersOf({ fiscal_information: signed }: Awaited<ReturnType<typeof sell>>) {
  if (!isOurs(signed)) throw new Error('it is not signed')
  return { transaction: signed.transaction_number, counter: signed.end_event.transaction_counter }
}
