// @module-tag heavy
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import type { DeviceAct } from '../../agent/till/administration.ts'
import { systemClock } from '../../base/clock.ts'
import { DieboldSimulator } from '../../drivers/tse-diebold/simulator.ts'
import { verifyArchive } from '../verified-archive.ts'
import { looked } from '../waits.ts'
import { AnswerLog } from './answer-log.ts'
import type { Daemon } from './daemon.ts'
import { administer, DEVICE, ownPlace, platformKey, runArmed } from './daemon.ts'
import { httpLine } from './http-line.ts'
import { seeded } from './seeded.ts'
import { openShop, paymentsOf, saleBody, Till } from './till.ts'

/** The lasting steps from the intent to the record of a deletion. */
const points = ['tse.deletion_intended', 'tse.deletion_answered', 'journal.before-commit', 'journal.after-commit']
const STEPS_MAX = 20
const UNHARMED = 1_000_000

async function exported(url: string, key: string, till: Till): Promise<Buffer> {
  const range = { from: '1970-01-01T00:00:00Z', to: '9999-12-31T23:59:59Z' }
  const { id } = await till.act('/v1/exports', { type: 'tse_tar', ...range })
  const made = await looked(async () => {
    const answer = await fetch(`${url}/v1/exports/${String(id)}`, { headers: { authorization: `Bearer ${key}` } })
    const job = (await answer.json()) as { status: string; download_url?: string }
    if (job.download_url !== undefined) return Buffer.from(await (await fetch(job.download_url)).arrayBuffer())
    return job.status !== 'pending' && Promise.reject(new Error(JSON.stringify(job)))
  })
  if (made === undefined) throw new Error('the export did not end')
  return made
}

test('killed at every step of a deletion with a sale open, in a ConnectBox: no log is lost or kept twice', async () => {
  const place = ownPlace()
  const box = new DieboldSimulator({ directory: join(place.folder, 'box'), clock: systemClock, slots: 2 })
  let daemon: Daemon | undefined
  onTestFinished(async () => {
    daemon?.child.kill('SIGKILL')
    await daemon?.ended
    await box.close()
    rmSync(place.folder, { recursive: true, force: true })
  })
  const pins = { adminPinFile: join(place.folder, 'admin'), timeAdminPinFile: join(place.folder, 'time-admin') }
  writeFileSync(pins.adminPinFile, '12345', { mode: 0o600 })
  writeFileSync(pins.timeAdminPinFile, '54321', { mode: 0o600 })
  const tcp = { host: '127.0.0.1', port: await box.serveTcp(0) }
  const devices = [{ id: DEVICE, driver: 'tse-diebold', tcp, slot: 2, ...pins }]
  writeFileSync(place.config, JSON.stringify({ version: 1, state: 'state', listen: { port: 0 }, devices }))

  let url: string | undefined
  const live = async (hit: number): Promise<void> => {
    daemon = runArmed(place.config, { points, hit, from: 'tse.deletion_intended' })
    url = await daemon.ready
  }
  const act = (wanted: DeviceAct): Promise<unknown> => administer(place.state, 'deviceAct', DEVICE, wanted)

  const kill = async (): Promise<void> => {
    daemon?.child.kill('SIGKILL')
    await daemon?.ended
  }

  await live(UNHARMED)
  await act('init')
  const key = await platformKey(place.state)
  const line = httpLine({ url: () => url, key, back: () => delay(10) })
  const till = new Till('till', { random: seeded(7), log: new AnswerLog(), line, over: () => false })
  const [register_id = ''] = await openShop(till, 1)
  const event = (type: string, amount: object) =>
    till.act('/v1/operations', { type, register_id, currency: 'EUR', ...amount })
  await event('session_open', { opening_balance_amount: '0.00' })
  const open = await till.act('/v1/operations', saleBody(register_id, 1000))
  await kill()

  let kills = 0
  for (let isOver = false; !isOver && kills < STEPS_MAX; ) {
    await live(kills + 1)
    await act('status')
    await event('session_cash_adjustment', { cash_amount: '1.00' })
    const answer = await act({ act: 'archive', deletes: true }).catch((error: unknown) => error)
    isOver = !(answer instanceof Error)
    if (isOver) continue
    expect((await daemon?.ended)?.signal, String(answer)).toBe('SIGKILL')
    kills += 1
  }
  expect(kills).toBeGreaterThanOrEqual(points.length)
  await kill()
  // Between the deletion and the completion.
  await live(UNHARMED)
  await act('status')
  const path = `/v1/operations/${String(open['id'])}/complete`
  const total = String(open['total_amount'])
  const done = await till.act(path, { payments: paymentsOf(total, true) }, Number(open['resource_version']))
  expect(done['fiscal']).toMatchObject({ state: 'succeeded' })
  const archive = await exported(url ?? '', key, till)
  const report = await verifyArchive(archive)
  expect(report).toMatchObject({ findings: [], firstCounter: 1, lastCounter: report.logs })
  const finishes = archive.toString('latin1').match(/_Log-Tra_No-\d+_Finish_/g)
  // Opening, one adjustment a life, the sale that was open.
  expect(finishes).toHaveLength(kills + 3)
  const starts = archive.toString('latin1').match(/_Log-Tra_No-\d+_Start_/g)
  expect(starts).toHaveLength(kills + 3)
})
