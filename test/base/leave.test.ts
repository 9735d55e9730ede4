// @module-tag heavy
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryDirectory } from '../journal/temporary-journal.ts'
import { execFileSync, once } from '../waits.ts'

const LEAVE = resolve(import.meta.dirname, '..', '..', 'base', 'leave.ts')

async function ended(before: string, call = 'leave(3)'): Promise<unknown[]> {
  const program = `import { leave } from '${LEAVE}'; import { open, unlinkSync } from 'node:fs'; ${before}; setImmediate(() => ${call})`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'inherit' })
  onTestFinished(() => void child.kill('SIGKILL'))
  return once(child, 'exit')
}

test('a process ends with its code and its last lines though a thread of it hangs', async () => {
  const pipe = join(await temporaryDirectory(), 'pipe')
  execFileSync('mkfifo', [pipe])
  // Opening a pipe without a writer hangs the thread that does it.
  const log = `process.once('exit', () => unlinkSync('${pipe}'))`
  expect(await ended(`open('${pipe}', 'r', () => undefined); ${log}`)).toEqual([3, null])
  expect(existsSync(pipe)).toBe(false)
})

test('a process without a hung thread ends with its exit code', async () => {
  expect(await ended('')).toEqual([3, null])
})

test('a process that leaves without a code keeps the one that its command has set', async () => {
  expect(await ended('process.exitCode = 1', 'leave()')).toEqual([1, null])
  expect(await ended('', 'leave()')).toEqual([0, null])
})
