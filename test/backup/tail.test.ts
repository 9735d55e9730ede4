import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { exportJournal } from '../../agent/journal/export.ts'
import { sealJournal } from '../../agent/journal/seal.ts'
import { Bench } from '../e2e/bench.ts'
import { FastClock } from '../e2e/fast-clock.ts'
import { sell } from '../e2e/goods.ts'
import { Cloud } from '../e2e/sync/cloud.ts'
import { openJournal, stoppedClock, temporaryDirectory, writing } from '../journal/temporary-journal.ts'
import { heavy } from '../tags.ts'
import { verifyJournal } from '../verified-journal.ts'
import { backUp, restore } from './parts.ts'
import { restingState } from './resting-state.ts'

test('the journal on a disk or a receiver fills the time after the backup', heavy(), async () => {
  const folder = await temporaryDirectory()
  const disk = join(folder, 'disk')
  await mkdir(disk)
  await using cloud = await Cloud.open()
  const targets = [{ id: 'disk', kind: 'file', folder: disk }, ...cloud.targets]
  await using bench = await Bench.open({ clock: new FastClock(20), config: { sync: { targets } } })
  const { chainId } = await cloud.enrol(bench.journal())
  const register = await bench.till()
  await sell(register, '1.00')
  const { file, events } = await backUp(bench.config.state, folder)
  await sell(register, '2.00')
  const last = await sell(register, '3.00')
  await bench.untilSynced()
  await bench.stop()

  const fromDisk = join(folder, 'from-disk')
  const filled = await restore(fromDisk, file, { tails: [disk] })
  expect(filled.filled).toBeGreaterThan(6)
  expect(filled.events).toBe(events + filled.filled + 1)
  expect(await verifyJournal(fromDisk)).toMatchObject({ valid: true, epoch: 2 })

  const office = { headers: { authorization: `Bearer ${cloud.rig.office}` } }
  const copy = await fetch(`${cloud.url}/v1/chains/${chainId}/journal`, office)
  const tail = join(folder, 'cloud.ndjson')
  await writeFile(tail, Buffer.from(await copy.arrayBuffer()))
  const fromCloud = join(folder, 'from-cloud')
  expect(await restore(fromCloud, file, { tails: [tail] })).toMatchObject({ filled: filled.filled })
  await using other = await Bench.open({ config: { state: fromCloud } })
  const till = other.client({ 'X-Register-Api-Key': register.key })
  expect((await till.get(`/v1/operations/${last.id}`))['fiscal_information']).toEqual(last.fiscal_information)
})

test(
  'a folder that is the target of two agents fills the journal of each; one that has nothing of it is refused',
  heavy(),
  async () => {
    const folder = await temporaryDirectory()
    const disk = join(folder, 'disk')
    await mkdir(disk)
    const targets = [{ id: 'disk', kind: 'file', folder: disk }]
    await using bench = await Bench.open({ clock: new FastClock(20), config: { sync: { targets } } })
    const register = await bench.till()
    const { file } = await backUp(bench.config.state, folder)
    await sell(register, '2.00')
    await bench.untilSynced()
    await bench.stop()
    const own = await readdir(disk)

    await using other = await Bench.open({ clock: new FastClock(20), config: { sync: { targets } } })
    // The newest epoch of the folder is not the one that is looked for.
    await other.agent.administration.beginEpoch(1)
    await sell(await other.till(), '3.00')
    await other.untilSynced()
    await other.stop()

    expect(await readdir(disk)).toHaveLength(3)
    const restored = await restore(join(folder, 'restored'), file, { tails: [disk] })
    expect(restored.filled).toBeGreaterThan(3)
    expect(restored.left_out).toBe(0)
    expect(await verifyJournal(join(folder, 'restored'))).toMatchObject({ valid: true, epoch: 2 })
    for (const chain of own) await rm(join(disk, chain), { recursive: true })
    await expect(restore(join(folder, 'refused'), file, { tails: [disk] })).rejects.toMatchObject({
      code: 'backup_foreign',
    })
  },
)

test('a month that was sealed after the backup is back with the events after it, byte for byte', async () => {
  const clock = stoppedClock('2026-03-10T08:00:00.000Z')
  const { state, signer } = await restingState(clock)
  const folder = await temporaryDirectory()
  const { file } = await backUp(state, folder)
  clock.moveTo('2026-04-02T08:00:00.000Z')
  const journal = await openJournal(state, { signer, clock })
  const made = { directory: state, journal, write: writing(signer), clock, fault: () => undefined }
  const [seal] = await sealJournal(made)
  const tail = join(folder, 'tail.ndjson')
  await exportJournal({ directory: state, file: tail, range: {}, signer })
  await journal.close()
  const other = join(folder, 'other')
  await restore(other, file, { tails: [tail] })
  const [before, after] = await Promise.all(
    [state, other].map((directory) => readFile(join(directory, 'segments', seal?.file ?? ''))),
  )
  expect(after?.equals(before ?? Buffer.of())).toBe(true)
  expect(await verifyJournal(other)).toMatchObject({ valid: true, seals: 1, epoch: 2 })
})
