// @module-tag heavy
import { createHash } from 'node:crypto'
import { mkdtempDisposable, readdir, readFile, rename } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openAgent } from '../../../agent/cli/daemon/technician.ts'
import { vendorTses } from '../../contracts/vendor-tses.ts'
import { patientClock } from '../../patient-clock.ts'
import { verifyArchive } from '../../verified-archive.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import type { Members } from '../client.ts'
import { goods, pay } from '../goods.ts'

async function sell({ id, till }: Register, count: number): Promise<void> {
  for (let sales = 0; sales < count; sales++)
    await till.complete(await till.create(goods('sale', id, [['1.00', '0.07']])), [pay('cash', '1.00')])
}

async function archive(bench: Bench, argument?: 'delete'): Promise<Members> {
  return (await bench.agent.administration.deviceAct('tse-1', {
    act: 'archive',
    deletes: argument === 'delete',
  })) as Members
}

async function whole(bench: Bench, more: Members = {}) {
  return verifyArchive(await bench.exported('tse_tar', more))
}

function memoryEvents(bench: Bench): string[] {
  return bench
    .journal()
    .map(({ kind }) => kind)
    .filter((kind) => /^tse\.(archived|deletion|deleted)/.test(kind))
}

function pathOf(bench: Bench, kept: Members): string {
  return join(bench.config.state, 'archives', String(kept['file']))
}

/** As a fast unit takes for a signature: a till sells for the 15 s that an export waits for a quiet moment. */
const SIGNING_MS = 50

/** Nothing here waits for their end: fifteen agents in one process wait for each other's files. */
const timeouts = { replyMs: 20_000, longMs: 20_000 }

/** A register whose TSE of that driver has signed two sales, and a folder for the files of the test. */
async function onUsedTse(
  driver: string,
  act: (bench: Bench, register: Register, folder: string) => Promise<void>,
  latencyMs = 0,
): Promise<void> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'm-'))
  const vendor = await vendorTses[driver]?.open(folder.path, latencyMs)
  try {
    const devices = [vendor === undefined ? { id: 'tse-1', driver: 'tse-simulator' } : { ...vendor.device, timeouts }]
    await using bench = await Bench.open({ clock: patientClock, config: { devices, deadlineMs: 20_000 } })
    await bench.agent.administration.deviceAct('tse-1', 'init')
    const register = await bench.till()
    await sell(register, 2)
    await act(bench, register, folder.path)
  } finally {
    await vendor?.close()
  }
}

test.concurrent.each(['tse-simulator', ...Object.keys(vendorTses)])(
  'a command empties the memory of %s; the archive from before and later logs are one archive',
  (driver) =>
    onUsedTse(driver, async (bench, register) => {
      const kept = await archive(bench, 'delete')
      const bytes = await readFile(pathOf(bench, kept))
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(kept['sha256'])
      expect(kept).toMatchObject({ first_counter: 1, deleted_at: expect.any(String) })
      expect(await verifyArchive(bytes)).toMatchObject({ valid: true, lastCounter: kept['last_counter'] })
      expect(memoryEvents(bench)).toEqual(['tse.deletion_intended', 'tse.deleted'])
      await sell(register, 1)
      const report = await whole(bench)
      expect(report).toMatchObject({ findings: [], firstCounter: 1 })
      expect(report.lastCounter).toBe(report.logs)
      expect(report.logs).toBeGreaterThan(Number(kept['logs']))
      await archive(bench, 'delete')
      await bench.restart()
      await sell(register, 1)
      expect(await whole(bench)).toMatchObject({ findings: [], firstCounter: 1 })
    }),
)

test.concurrent.each(['tse-simulator', ...Object.keys(vendorTses)])(
  'without a daemon the archive of %s is exported whole, with its deleted logs, and the unit is tested',
  (driver) =>
    onUsedTse(driver, async (bench, register, folder) => {
      await archive(bench, 'delete')
      await sell(register, 1)
      await bench.agent.stop()
      const resting = await openAgent(bench.config)
      const path = join(folder, 'all.tar')
      const range = { from: '1970-01-01T00:00:00Z', to: '9999-12-31T23:59:59Z' }
      await resting.administration.exportTo('tse_tar', range, path).finally(() => resting.stop())
      expect(await verifyArchive(await readFile(path))).toMatchObject({ findings: [], firstCounter: 1 })
      const another = await openAgent(bench.config)
      const tested = another.administration.deviceAct('tse-1', 'self-test').finally(() => another.stop())
      expect(await tested).toMatchObject({ state: 'ready' })
    }),
)

test.concurrent.each(['tse-epson', 'tse-swissbit'])(
  'the archive of %s is exported while a till sells without a rest, and each sale is signed',
  (driver) =>
    onUsedTse(
      driver,
      async (bench, register) => {
        await sell(register, 20)
        let isExported = false
        const exported = whole(bench).finally(() => {
          isExported = true
        })
        let sales = 0
        for (; !isExported; sales += 1) await sell(register, 1)
        const report = await exported
        expect(report).toMatchObject({ findings: [], firstCounter: 1 })
        expect(report.logs).toBeGreaterThanOrEqual(44)
        const unsigned = bench.journal().filter(({ kind }) => kind.endsWith('_failed') || kind.includes('outage'))
        expect([sales > 0, unsigned]).toEqual([true, []])
      },
      SIGNING_MS,
    ),
)

test.concurrent('an archive that nothing was deleted for is replaced by the next; a deleted one stays', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  const first = await archive(bench)
  await sell(register, 1)
  const second = await archive(bench)
  expect(memoryEvents(bench)).toEqual(['tse.archived', 'tse.archived'])
  const files = () => readdir(join(bench.config.state, 'archives', String(second['serial']).slice(0, 16)))
  expect(await files()).toEqual([String(second['file']).split('/')[1]])
  expect(first['last_counter']).toBeLessThan(Number(second['last_counter']))
  const third = await archive(bench, 'delete')
  await sell(register, 1)
  const fourth = await archive(bench)
  expect((await files()).toSorted()).toEqual([third, fourth].map(({ file }) => String(file).split('/')[1]).toSorted())
  // Sold before and after the deletion, seen by one register's client and by time.
  const { logs, findings } = await whole(bench, { from: '2000-01-01T00:00:00Z', register_id: register.id })
  expect([logs > 8, findings]).toEqual([true, []])
})

test.concurrent('if an archive is missing that the TSE no longer holds the export reports that, and makes none', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  await sell(register, 1)
  const path = pathOf(bench, await archive(bench, 'delete'))
  await rename(path, `${path}.elsewhere`)
  const range = { from: '1970-01-01T00:00:00Z', to: '9999-12-31T23:59:59Z' }
  const { id } = await bench.office.post('/v1/exports', { type: 'tse_tar', ...range }, 202)
  const job = await bench.until(async () => {
    const seen = await bench.office.get(`/v1/exports/${String(id)}`)
    return seen['status'] !== 'pending' && seen
  })
  expect(job).toMatchObject({ status: 'failed', error: { message: expect.stringContaining('is missing') } })
  await rename(`${path}.elsewhere`, path)
  expect(await whole(bench)).toMatchObject({ findings: [], firstCounter: 1 })
})

test.concurrent.each([
  ['tse.deletion_intended', ['tse.deletion_intended', 'tse.deletion_failed']],
  ['tse.deletion_answered', ['tse.deletion_intended', 'tse.deleted']],
])('a crash at %s is reconciled by asking the TSE', async (point, events) => {
  let struck = ''
  await using bench = await Bench.open({
    atPoint: (passed) => {
      if (passed === struck) throw new Error('killed')
    },
  })
  const register = await bench.till()
  await sell(register, 2)
  struck = point
  await expect(archive(bench, 'delete')).rejects.toThrow('killed')
  expect(memoryEvents(bench)).toEqual(['tse.deletion_intended'])
  struck = ''
  await bench.restart()
  const kept = await archive(bench, 'delete').catch((error: unknown) => error)
  expect(memoryEvents(bench).slice(0, 2)).toEqual(events)
  expect(kept).toMatchObject(point === 'tse.deletion_intended' ? { first_counter: 1 } : {})
  await sell(register, 1)
  expect(await whole(bench)).toMatchObject({ findings: [], firstCounter: 1 })
})

test.concurrent('a lost answer to the deletion is reconciled; a lost request leaves everything unchanged', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'm-'))
  const vendor = await vendorTses['tse-epson']?.open(folder.path, 0)
  if (vendor === undefined) throw new Error('an Epson TSE was expected')
  const device = { ...vendor.device, timeouts: { replyMs: 1000, longMs: 2000 } }
  await using bench = await Bench.open({ clock: patientClock, config: { devices: [device], deadlineMs: 20_000 } })
  await bench.agent.administration.deviceAct('tse-1', 'init')
  const register = await bench.till()
  await sell(register, 1)
  vendor.unit.inject('lost-request@delete')
  await expect(archive(bench, 'delete')).rejects.toMatchObject({ effect: 'unknown' })
  expect(memoryEvents(bench)).toEqual(['tse.deletion_intended', 'tse.deletion_failed'])
  vendor.unit.inject('lost-answer@delete')
  expect(await archive(bench, 'delete')).toMatchObject({ first_counter: 1, deleted_at: expect.any(String) })
  expect(memoryEvents(bench).slice(2)).toEqual(['tse.deletion_intended', 'tse.deleted'])
  await sell(register, 1)
  expect(await whole(bench)).toMatchObject({ findings: [], firstCounter: 1 })
  await bench.stop()
  await vendor.close()
})

test.concurrent('an archive that is requested while the TSE deletes has all logs that were in it', async () => {
  await using bench = await Bench.open()
  await sell(await bench.till(), 2)
  await bench.fault('slow=1000@delete')
  const deleting = archive(bench, 'delete')
  await bench.until(() => memoryEvents(bench).includes('tse.deletion_intended'))
  const report = await whole(bench)
  expect(await deleting).toMatchObject({ deleted_at: expect.any(String) })
  expect(report).toMatchObject({ findings: [], firstCounter: 1 })
})
