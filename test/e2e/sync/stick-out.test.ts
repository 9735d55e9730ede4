// @module-tag heavy
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Bench } from '../bench.ts'
import { FastClock } from '../fast-clock.ts'
import { event } from '../goods.ts'

/** A disk is written to every five minutes. */
const SPEED = 100
const PATIENT = { deadlineMs: 120_000 }

test("a file target without its stick gets nothing on the journal's disk, and all of it when it is back", async () => {
  const root = mkdtempSync(join(tmpdir(), 'stick-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const [stick, folder] = [join(root, 'stick'), join(root, 'below')]
  for (const path of [stick, folder]) mkdirSync(path)
  let disk = 'usb 1'
  const diskLook = {
    ofPath: async (path: string) => (path === stick ? disk : 'own'),
    ofFile: async () => disk,
  }
  const targets = [{ id: 'disk', kind: 'file', folder: stick }]
  await using bench = await Bench.open({
    clock: new FastClock(SPEED),
    diskLook,
    config: { ...PATIENT, sync: { targets } },
  })
  const { id, till } = await bench.till()
  await bench.untilSynced()
  // The folder below its mount point.
  const [chain = ''] = readdirSync(stick)
  rmSync(join(stick, chain), { recursive: true })
  disk = 'own'
  await till.create(event('session_cash_count', id, { counted_closing_amount: '50.00' }))
  const row = await bench.until(async () => {
    const [found] = await bench.office.list('/v1/sync')
    return found?.['last_error'] != null && found
  })
  expect(row).toMatchObject({
    state: 'offline',
    last_error: { code: 'backup_disk_missing', message: expect.stringContaining('its stick is unplugged') },
  })
  expect(readdirSync(stick)).toEqual([])
  const warned = async (): Promise<boolean> => {
    const { warnings } = (await (await fetch(new URL('/readyz', bench.url))).json()) as { warnings: { code: string }[] }
    return warnings.some(({ code }) => code === 'backup_disk_missing')
  }
  await bench.restart()
  await bench.until(warned)
  disk = 'usb 2'
  await bench.untilSynced()
  expect(readdirSync(join(stick, chain))[0]).toMatch(/^0{11}1-/)
  await bench.restart()
  await bench.until(async () => !(await warned()))
})

test('a file target that was always on the disk of the journal is written, with a warning', async () => {
  const stick = mkdtempSync(join(tmpdir(), 'stick-'))
  onTestFinished(() => rmSync(stick, { recursive: true, force: true }))
  await using bench = await Bench.open({
    clock: new FastClock(SPEED),
    config: { ...PATIENT, sync: { targets: [{ id: 'disk', kind: 'file', folder: stick }] } },
  })
  await bench.till()
  await bench.untilSynced()
  const { warnings } = (await (await fetch(new URL('/readyz', bench.url))).json()) as { warnings: object[] }
  expect(warnings).toContainEqual(expect.objectContaining({ code: 'backup_on_same_disk', severity: 'warning' }))
})
