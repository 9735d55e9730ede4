import { readdirSync, readFileSync, readlinkSync, symlinkSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openProven } from '../../agent/journal/database.ts'
import { SCHEMA } from '../../agent/journal/migrations.ts'
import { openJournal, temporaryDirectory } from './temporary-journal.ts'

const FULL = '/dev/full'

function openOn(device: string): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === device
    } catch {
      return false
    }
  }).length
}

test('a version that a full disk does not take leaves no file open, and is announced at the next try', async () => {
  const directory = await temporaryDirectory()
  await (await openJournal(directory)).close()
  await rm(join(directory, 'journal.version'))
  const before = openOn(FULL)
  symlinkSync(FULL, join(directory, 'journal.version.tmp'))
  expect(() => openProven(directory, () => undefined)).toThrow('ENOSPC')
  expect(openOn(FULL)).toBe(before)
  openProven(directory, () => undefined).close()
  expect(readFileSync(join(directory, 'journal.version'), 'utf8')).toMatch(
    new RegExp(`^${SCHEMA}\nmin_safe_version \\d`),
  )
})
