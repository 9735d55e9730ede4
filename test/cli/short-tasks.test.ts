import { mkdtempSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { isShortJournal, runShortTasksHere } from '../../agent/cli/daemon/short-tasks.ts'
import { runInChild, runTasksBy, taskHere } from '../../base/child/run.ts'
import type { Look } from '../child/programs.ts'
import { WAIT_LIMIT_MS } from '../waits.ts'
import { NOBODY } from './other-owner.ts'

const PROGRAM = {
  name: 'trial',
  entry: new URL('../child/programs.ts', import.meta.url),
  heapMb: 32,
  limitMs: WAIT_LIMIT_MS,
}

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

// Only root can become another user.
if (process.getuid?.() === 0) {
  test('the journal of another user counts as short: the work itself refuses it, and names the user to be', () => {
    const state = mkdtempSync(join(tmpdir(), 'short-tasks-'))
    process.seteuid?.(NOBODY)
    try {
      expect(isShortJournal(state)).toBe(true)
    } finally {
      process.seteuid?.(0)
    }
  })
}

async function beganMs(): Promise<number | undefined> {
  return (await runInChild<Look>(PROGRAM, { act: 'look' }, new AbortController().signal)).beganMs
}
