import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { runInChild, runTasksBy } from '../../base/child/run.ts'
import { heavy } from '../tags.ts'
import { WAIT_LIMIT_MS } from '../waits.ts'

runTasksBy()
const ROOT = resolve(import.meta.dirname, '..', '..')
const ENTRIES = globSync('{agent,verify}/**/*child.ts', { cwd: ROOT }).filter((file) =>
  readFileSync(join(ROOT, file), 'utf8').includes('export async function work('),
)

test('each program of a task loads in a process, which reports its refusal as an error', heavy(), async () => {
  expect(ENTRIES.length).toBeGreaterThan(5)
  const nowhere = { directory: '/nowhere', database: '/nowhere', path: '/nowhere/file', file: '/nowhere/file' }
  for (const file of ENTRIES) {
    const program = { name: file, entry: pathToFileURL(join(ROOT, file)), heapMb: 48, limitMs: WAIT_LIMIT_MS }
    const told = await runInChild(program, nowhere, new AbortController().signal).then(Object, (error) => error)
    expect(told, file).not.toMatchObject({ code: 'child_ended' })
  }
})
