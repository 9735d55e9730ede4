import { existsSync, mkdtempSync, renameSync, rmSync, utimesSync, watch, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { SecretRenewal } from '../../agent/process/secret-renewal.ts'
import { removedLater } from '../cli/command.ts'
import { ManualClock } from '../manual-clock.ts'
import { silentLog } from '../silent-log.ts'
import { once } from '../waits.ts'

test('the service manager is asked at once, then at most every 5 s, and once for all requests in between', async () => {
  const file = join(removedLater(mkdtempSync(join(tmpdir(), 'renewal-'))), 'renew')
  const clock = new ManualClock()
  const renewal = new SecretRenewal(file, clock, silentLog)
  const isAsked = (): boolean => {
    const hadFile = existsSync(file)
    rmSync(file, { force: true })
    return hadFile
  }
  expect(isAsked()).toBe(false)
  renewal.requestSecrets()
  expect(isAsked()).toBe(true)
  for (let times = 0; times < 3; times++) renewal.requestSecrets()
  expect(isAsked()).toBe(false)
  await clock.advance(4999)
  expect(isAsked()).toBe(false)
  await clock.advance(1)
  expect(isAsked()).toBe(true)
  await clock.advance(20_000)
  expect(isAsked()).toBe(false)
  renewal.requestSecrets()
  expect(isAsked()).toBe(true)
})

test('an agent whose folder was removed keeps running with the files that it has read', () => {
  const folder = removedLater(mkdtempSync(join(tmpdir(), 'renewal-')))
  const renewal = new SecretRenewal(join(folder, 'gone', 'renew'), new ManualClock(), silentLog)
  expect(() => renewal.requestSecrets()).not.toThrow()
})

test('the service manager is asked again after a copy of a change, and not after one that found none', async () => {
  const folder = removedLater(mkdtempSync(join(tmpdir(), 'renewal-')))
  const copies = removedLater(mkdtempSync(join(tmpdir(), 'copies-')))
  const [file, copy] = [join(folder, 'renew'), join(copies, 'etc-tse.pin')]
  const clock = new ManualClock()
  writeFileSync(copy, 'first')
  new SecretRenewal(file, clock, silentLog).watchCopies(copies)
  const watcher = watch(copies)
  /** Long enough for the agent to ask, once it has seen the change. */
  const seen = async (change: () => void): Promise<boolean> => {
    const told = once(watcher, 'change')
    change()
    await told
    await turn()
    await clock.advance(10_000)
    const isAsked = existsSync(file)
    rmSync(file, { force: true })
    return isAsked
  }
  expect(await seen(() => utimesSync(copy, 1, 1))).toBe(false)
  writeFileSync(join(folder, 'next'), 'second')
  expect(await seen(() => renameSync(join(folder, 'next'), copy))).toBe(true)
  expect(await seen(() => utimesSync(copy, 2, 2))).toBe(false)
  watcher.close()
})
