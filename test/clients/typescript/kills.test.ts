// @module-tag heavy
import { mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { fileStore } from '../../../clients/typescript/src/file-store.ts'
import { cash, line } from '../../../clients/typescript/src/goods.ts'
import { Till } from '../../../clients/typescript/src/till.ts'
import { ownPlace, platformKey, runArmed, UNARMED } from '../../crash/daemon.ts'
import { Bench, GERMAN_LOCATION, GERMAN_MERCHANT } from '../../e2e/bench.ts'
import { Client } from '../../e2e/client.ts'
import { freePort } from '../../free-port.ts'
import { perform } from '../../perform.ts'

const PROGRAM = join(import.meta.dirname, 'killed-till.ts')
const BUNS = line({ sku_identifier: 'bun', title: 'Brötchen', quantity: 10, unit_price: '0.45', rate: '0.07' })
/** Both sides of two requests, of two changes of the store, and of the removal. */
const POINTS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]

test('a till that is killed by -9 at each step of a sale finds its files, and each basket is sold once', async () => {
  await using bench = await Bench.open()
  const { key } = await bench.till()
  const env = { ...process.env, FISKAL_EDGE_URL: bench.url, FISKAL_EDGE_REGISTER_KEY: key }
  const run = (folder: string, point: number) => perform(process.execPath, [PROGRAM, folder, String(point)], { env })
  const ends = POINTS.map(async (point) => {
    const folder = join(mkdtempSync(join(tmpdir(), 'killed-')), 'pending')
    expect((await run(folder, point)).code).not.toBe(0)
    const { out } = await run(folder, 0)
    expect([point, JSON.parse(out)]).toEqual([point, { recovered: point === 1 || point === 10 ? 0 : 1, pending: 0 }])
    expect(readdirSync(folder)).toEqual(['register.json'])
  })
  await Promise.all(ends)
  // After the last point the till sells another one: the first was over, and removed.
  expect(await bench.office.list('/v1/operations?type=sale&status=completed')).toHaveLength(POINTS.length + 1)
  expect(await bench.office.list('/v1/operations?status=open')).toEqual([])
})

test('an agent that is killed by -9 on both sides of each request of a sale has each basket once', async () => {
  const port = await freePort()
  const place = ownPlace({}, { listen: { port } })
  const url = `http://127.0.0.1:${port}`
  let daemon = runArmed(place.config, UNARMED)
  onTestFinished(() => void daemon.child.kill('SIGKILL'))
  await daemon.ready
  const office = new Client(() => url, { Authorization: `Bearer ${await platformKey(place.state)}` })
  await office.post('/v1/merchants', GERMAN_MERCHANT)
  const { id: location_id } = await office.post('/v1/locations', GERMAN_LOCATION)
  const { id } = await office.post('/v1/registers', { location_id, name: 'Kasse' })
  const { register_api_key: key } = await office.post(`/v1/registers/${id}/fiscalize`, {}, 202)

  let point = 0
  let killAt = 0
  const killed = async (): Promise<void> => {
    if (++point !== killAt) return
    daemon.child.kill('SIGKILL')
    await daemon.ended
    daemon = runArmed(place.config, UNARMED)
  }
  const fragile: typeof fetch = async (input, init) => {
    await killed()
    const answer = await fetch(input, init)
    await killed()
    return answer
  }
  const store = fileStore(join(place.folder, 'pending'))
  const till = await Till.open({ key: String(key), url, store, fetch: fragile, timeoutMs: 40_000 })
  expect(await till.openSession('50.00')).toMatchObject({ outcome: 'done' })
  for (killAt = 1; killAt <= 4; killAt++) {
    point = 0
    expect(await till.sell({ lines: [BUNS], payments: [cash('4.50')] })).toMatchObject({ outcome: 'done' })
  }
  expect(till.pending()).toEqual([])
  expect(await till.count('68.00')).toMatchObject({ outcome: 'done', value: { closing_cashcount_diff: '0.00' } })
  await till.close()
})
