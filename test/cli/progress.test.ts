import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { shownWhile } from '../../agent/cli/terminal/progress.ts'
import { deferred } from '../http/harness.ts'
import { ManualClock } from '../manual-clock.ts'

function screenOf(isTTY: boolean): { screen: { isTTY: boolean; write(text: string): void }; shown: string[] } {
  const shown: string[] = []
  return { shown, screen: { isTTY, write: (text) => shown.push(text) } }
}

const CLEARED = '\r\u001b[K'

test('on a terminal a long export shows each second its duration and size, and leaves nothing behind', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'progress-'))
  const file = join(folder, 'tse.tar')
  const [clock, finished] = [new ManualClock(), deferred()]
  const { screen, shown } = screenOf(true)
  const work = shownWhile('tse.tar', file, () => finished.promise, { screen, clock })
  await clock.advance(1000)
  writeFileSync(`${file}.part`, Buffer.alloc(1_250_000))
  await clock.advance(1000)
  rmSync(`${file}.part`)
  mkdirSync(`${file}.building`)
  writeFileSync(join(`${file}.building`, 'lines.csv'), Buffer.alloc(2_000_000))
  await clock.advance(3_600_000 - 2000)
  expect([shown[0], shown[1], shown.at(-1)]).toEqual([
    `${CLEARED}tse.tar  0:01`,
    `${CLEARED}tse.tar  0:02, 1.3 MB`,
    `${CLEARED}tse.tar  1:00:00, 2.0 MB`,
  ])
  finished.resolve()
  await work
  expect(shown.at(-1)).toBe(CLEARED)
  const count = shown.length
  await clock.advance(5000)
  expect(shown).toHaveLength(count)
})

test('a script gets no progress output, and errors are passed on', async () => {
  const { screen, shown } = screenOf(false)
  const clock = new ManualClock()
  expect(await shownWhile('a', '/a', async () => 7, { screen, clock })).toBe(7)
  const failing = shownWhile('a', '/a', () => Promise.reject(new Error('full')), { ...screenOf(true), clock })
  await expect(failing).rejects.toThrow('full')
  expect(shown).toEqual([])
})
