import { rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import type { Running } from '../scripts/tests/watchdog.ts'
import { runningFolder } from '../scripts/tests/watchdog.ts'
import { servedBy } from './forks/fork-server.ts'

/** Tells the watchdog of the run what this process does: the tests of a file that run now, or its hooks. */
const here = join(runningFolder(), String(process.pid))
const tests = new Set<string>()
let file = ''

function tell(): void {
  const running: Running = { file, tests: [...tests], served: [...servedBy] }
  writeFileSync(here, JSON.stringify(running))
}

beforeAll(() => {
  file = relative(process.cwd(), String(expect.getState().testPath))
  tests.clear()
  tell()
})
beforeEach(({ task }) => {
  tests.add(task.fullTestName)
  tell()
})
afterEach(({ task }) => {
  tests.delete(task.fullTestName)
  tell()
})
afterAll(() => rmSync(here, { force: true }))
