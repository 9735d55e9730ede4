import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../../../base/clock.ts'
import { CryptovisionTse } from '../../../drivers/tse-cryptovision/driver.ts'
import { CryptovisionSimulator } from '../../../drivers/tse-cryptovision/simulator.ts'
import { BUILD_LIMIT_MS } from '../../waits.ts'

test('a card that was slow once is asked sooner each time, however late the timers of a busy machine are', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'cv-'))
  const mount = join(folder.path, 'mount')
  const card = new CryptovisionSimulator({ directory: join(folder.path, 'card'), mount, clock: systemClock })
  await card.plugIn()
  const waitsMs: number[] = []
  const late = {
    ...systemClock,
    after: (ms: number, act: () => void) => {
      if (ms < BUILD_LIMIT_MS) waitsMs.push(ms)
      return systemClock.after(2 * ms, act)
    },
  }
  const digits = { read: async () => '11111111', provide: async (_name: string, count: number) => '1'.repeat(count) }
  const timeouts = { replyMs: BUILD_LIMIT_MS, longMs: BUILD_LIMIT_MS }
  const tse = new CryptovisionTse({ id: 'tse-1', path: mount, secrets: digits, clock: late, timeouts })
  await tse.open()
  card.inject('slow=100@getStatus')
  const longest: number[] = []
  for (let times = 0; times < 12; times += 1) {
    waitsMs.length = 0
    await tse.health()
    longest.push(Math.max(...waitsMs))
  }
  expect(longest.at(-1)).toBeLessThan(longest[2] ?? 0)
  await tse.close()
  await card.pullOut()
})
