import { mkdtempSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { runShortTasksHere } from '../../agent/cli/daemon/short-tasks.ts'
import { runInChild, runTasksBy, taskHere } from '../../base/child/run.ts'
import type { Look } from '../child/programs.ts'

const PROGRAM = { name: 'trial', entry: new URL('../child/programs.ts', import.meta.url), heapMb: 32, limitMs: 60_000 }

afterEach(() => runTasksBy(taskHere))

test('a command without an agent writes the files of a short journal itself, those of a long one in a process', async () => {
  const state = mkdtempSync(join(tmpdir(), 'short-tasks-'))
  const journal = join(state, 'journal.db')
  writeFileSync(journal, '')
  truncateSync(journal, 3 * 1024 * 1024)
  writeFileSync(`${journal}-wal`, '')
  truncateSync(`${journal}-wal`, 2 * 1024 * 1024)
  runTasksBy(async () => ({ beganMs: undefined }))
  runShortTasksHere(state)
  expect(await beganMs()).toBeUndefined()
  truncateSync(`${journal}-wal`, 0)
  runShortTasksHere(state)
  expect(await beganMs()).toBe(performance.timeOrigin)
})

async function beganMs(): Promise<number | undefined> {
  return (await runInChild<Look>(PROGRAM, { act: 'look' }, new AbortController().signal)).beganMs
}
