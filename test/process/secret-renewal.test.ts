import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { SecretRenewal } from '../../agent/process/secret-renewal.ts'
import { removedLater } from '../cli/command.ts'
import { ManualClock } from '../manual-clock.ts'
import { silentLog } from '../silent-log.ts'

test('the service manager is asked at once, then at most every 5 s, and once for all that was wanted meanwhile', async () => {
  const file = join(removedLater(mkdtempSync(join(tmpdir(), 'renewal-'))), 'renew')
  const clock = new ManualClock()
  const renewal = new SecretRenewal(file, clock, silentLog)
  const isAsked = (): boolean => {
    const found = existsSync(file)
    rmSync(file, { force: true })
    return found
  }
  expect(isAsked()).toBe(false)
  renewal.ask()
  expect(isAsked()).toBe(true)
  for (let times = 0; times < 3; times++) renewal.ask()
  expect(isAsked()).toBe(false)
  await clock.advance(4999)
  expect(isAsked()).toBe(false)
  await clock.advance(1)
  expect(isAsked()).toBe(true)
  await clock.advance(20_000)
  expect(isAsked()).toBe(false)
  renewal.ask()
  expect(isAsked()).toBe(true)
})

test('an agent whose folder is gone goes on with what it has read', () => {
  const folder = removedLater(mkdtempSync(join(tmpdir(), 'renewal-')))
  const renewal = new SecretRenewal(join(folder, 'gone', 'renew'), new ManualClock(), silentLog)
  expect(() => renewal.ask()).not.toThrow()
})
