import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const SCRIPT = join(import.meta.dirname, 'refused-children.ts')

// Of the system (TasksMax of the unit, EAGAIN): the first error is the refusal, the second that of what was sent to it.
test.each(['verification', 'export', 'drawing', 'backup'])(
  'where the system grants no process for it the %s fails, and the agent lives',
  (kind) => {
    expect(execFileSync(process.execPath, [SCRIPT, kind], { encoding: 'utf8' })).toBe('refused, alive')
  },
)
