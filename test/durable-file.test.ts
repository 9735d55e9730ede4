// @module-tag heavy
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test, vi } from 'vitest'
import { syncDirectory, syncNow, writeDurably } from '../base/durable-file.ts'
import { temporaryDirectory } from './journal/temporary-journal.ts'
import { spawnSync } from './waits.ts'

const MEBIBYTE = 1_048_576
const WRITER = join(import.meta.dirname, 'concurrent-writer.ts')

test('a large file is synced while it is written: a sale does not wait for one sync of all of it', async () => {
  const path = join(await temporaryDirectory(), 'export')
  const any = await open(import.meta.filename)
  const write = vi.spyOn(Object.getPrototypeOf(any), 'writeFile')
  const sync = vi.spyOn(Object.getPrototypeOf(any), 'datasync')
  await any.close()
  const unsynced: number[] = []
  const portions = async function* (): AsyncGenerator<Uint8Array> {
    for (let count = 0; count < 64; count++) {
      yield Buffer.alloc(MEBIBYTE / 2)
      unsynced.push(write.mock.calls.length - 8 * sync.mock.calls.length)
    }
  }
  expect((await writeDurably(path, portions(), 0o600)).bytes).toBe(32 * MEBIBYTE)
  expect(Math.max(...unsynced)).toBeLessThanOrEqual(8)
})

test("two processes that write one file at once write it completely, and a killed one's rest is removed", async () => {
  const folder = await temporaryDirectory()
  const path = join(folder, 'backup.json')
  const dead = spawnSync(process.execPath, ['--version']).pid
  writeFileSync(`${path}.${dead}-7.tmp`, 'half')
  const write = (letter: string) => promisify(execFile)(process.execPath, [WRITER, path, letter, '200'])
  await Promise.all([write('a'), write('b')])
  expect(await readdir(folder)).toEqual(['backup.json'])
})

test('a file system that syncs no folder (EINVAL) stops no command; a file must be synced', async () => {
  await syncDirectory('/proc')
  syncNow('/proc')
  expect(() => syncNow('/proc/self/status')).toThrow('EINVAL')
})
