import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { heavy } from '../tags.ts'
import { once } from '../waits.ts'
import { BIN, fiskalEdge, flipByte, ownTill } from './command.ts'

/** Runs `fiskal-edge` into a closed pipe, as `| head -1` leaves it. */
async function unread(...args: string[]): Promise<{ code: number | null; err: string }> {
  const child = spawn(process.execPath, [BIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  child.stdout.destroy()
  const [err, [code]] = await Promise.all([text(child.stderr), once(child, 'close')])
  return { code: code as number | null, err }
}

test('a reader that closes the pipe early changes no exit code', heavy(), async () => {
  const config = ownTill()
  const file = join(dirname(config), 'journal.ndjson')
  expect((await fiskalEdge('export', 'journal', '--out', file, '--config', config)).code).toBe(0)
  expect(await unread('verify', file)).toEqual({ code: 0, err: '' })
  flipByte(file)
  expect(await unread('verify', file)).toEqual({ code: 1, err: '' })
})

test('a key that could not be printed is not a success', heavy(), async () => {
  const { code, err } = await unread('key', 'create', 'platform', '--config', ownTill())
  expect([code, err]).toEqual([1, expect.stringMatching(/^fiskal-edge: output_closed: /)])
})

test('a simulator ends when the reader of its output closes', async () => {
  expect(await unread('simulate', 'tse-epson', '--port', '0')).toEqual({ code: 0, err: '' })
})
