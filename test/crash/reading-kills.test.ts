// @module-tag heavy
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { lastEvents } from '../../agent/journal/reader.ts'
import { today } from '../today.ts'
import { looked } from '../waits.ts'
import { AnswerLog } from './answer-log.ts'
import type { Daemon } from './daemon.ts'
import { ownPlace, platformKey, runArmed } from './daemon.ts'
import { httpLine } from './http-line.ts'
import { seeded } from './seeded.ts'
import { openShop, Till } from './till.ts'

/** Each step from the first byte of a portion to its record. */
const points = [
  ...['portion.file.opened', 'portion.file.written', 'portion.file.synced', 'portion.file.renamed'],
  'tse.portion_written',
]
const UNHARMED = 1_000_000

test('killed at every step of reading back, the agent leaves no half file, and only those of the journal', async () => {
  const place = ownPlace()
  let daemon: Daemon | undefined
  onTestFinished(async () => {
    daemon?.child.kill('SIGKILL')
    await daemon?.ended
    rmSync(place.folder, { recursive: true, force: true })
  })
  let url: string | undefined
  const live = async (hit: number): Promise<void> => {
    daemon = runArmed(place.config, { points, hit, from: 'ready' })
    url = await daemon.ready
  }
  await live(UNHARMED)
  const key = await platformKey(place.state)
  const line = httpLine({ url: () => url, key, back: () => delay(10) })
  const till = new Till('till', { random: seeded(7), log: new AnswerLog(), line, over: () => false })
  const [register_id = ''] = await openShop(till, 1)
  const event = (type: string, more: object) =>
    till.act('/v1/operations', { type, register_id, currency: 'EUR', ...more })
  const soldDay = async (): Promise<void> => {
    await event('session_open', { opening_balance_amount: '0.00' })
    await event('session_cash_adjustment', { cash_amount: '1.00' })
    await event('session_cash_count', { counted_closing_amount: '1.00' })
    await event('session_close', { business_date: today(), closing_adjustment_amount: '-1.00' })
  }
  daemon?.child.kill('SIGKILL')
  await daemon?.ended

  for (let hit = 1; hit <= points.length; hit += 1) {
    await live(hit)
    await soldDay()
    expect((await daemon?.ended)?.signal).toBe('SIGKILL')
  }
  await live(UNHARMED)
  await soldDay()
  const folder = join(place.state, 'archives', 'read')
  await looked(() => keptIn(place.state).length > 0, { everyMs: 10 })
  const kept = keptIn(place.state)
  expect(kept).toHaveLength(1)
  const files = readdirSync(folder).flatMap((unit) => readdirSync(join(folder, unit)).map((name) => join(unit, name)))
  expect(files.map((file) => join('read', file))).toEqual(kept.map(({ file }) => file))
  for (const { file, sha256 } of kept)
    expect(
      createHash('sha256')
        .update(readFileSync(join(place.state, 'archives', file)))
        .digest('hex'),
    ).toBe(sha256)
})

/** The portions that the journal names. */
function keptIn(state: string): { file: string; sha256: string }[] {
  return [...lastEvents(state, Number.MAX_SAFE_INTEGER)]
    .filter(({ kind }) => kind === 'tse.archived')
    .map(({ body }) => (JSON.parse(body) as { facts: { file: string; sha256: string } }).facts)
}
