import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { writeDurably } from '../agent/durable-file.ts'
import { temporaryDirectory } from './journal/temporary-journal.ts'

const MEBIBYTE = 1_048_576

test('a large file goes to the disk as it is written: a sale beside it waits for no sync of all of it', async () => {
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
