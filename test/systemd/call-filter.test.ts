// @module-tag heavy
import { readFileSync } from 'node:fs'
import { getPriority } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { restingState } from '../backup/resting-state.ts'
import { ROOT } from '../cli/command.ts'
import { temporaryDirectory } from '../journal/temporary-journal.ts'
import { BUILD_LIMIT_MS, execFileSync } from '../waits.ts'
import { callFilter } from './call-filter.ts'

const UNIT = readFileSync(join(ROOT, 'systemd', 'fiskal-edge.service'), 'utf8')
const LINES = [...UNIT.matchAll(/^SystemCallFilter=(.*)$/gm)].map(([, line]) => line ?? '')
const WORK = join(import.meta.dirname, 'children', 'background-work.ts')

async function worked(lines: readonly string[]): Promise<unknown> {
  const { state } = await restingState()
  const [folder, tools] = [await temporaryDirectory(), await temporaryDirectory()]
  return JSON.parse(
    execFileSync(callFilter(tools, lines), [process.execPath, WORK, state, folder], {
      encoding: 'utf8',
      // Beside busy programs the lowest priority gets little.
      timeout: BUILD_LIMIT_MS,
    }),
  )
}

test('under the system calls of the unit the journal is verified and backed up at lower priority than selling', async () => {
  expect(await worked(LINES)).toEqual({ valid: true, backup: 'made', priority: 19 })
})

test('if a sandbox lets no process lower its priority, that work is still done', async () => {
  const stricter = LINES.filter((line) => line !== 'setpriority')
  expect(stricter).toHaveLength(LINES.length - 1)
  expect(await worked(stricter)).toEqual({ valid: true, backup: 'made', priority: getPriority() })
})
