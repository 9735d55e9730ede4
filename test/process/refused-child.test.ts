import { join } from 'node:path'
import { expect, test } from 'vitest'
import { heavy } from '../tags.ts'
import { execFileSync } from '../waits.ts'

const SCRIPT = join(import.meta.dirname, 'refused-children.ts')

// Causes of the system: no further process (TasksMax of the unit, EAGAIN), an error that it throws instead of emitting
// it (no memory), no further descriptor.
const causes = ['refusal', 'fault', 'descriptors']
const kinds = ['verification', 'export', 'drawing', 'backup', 'card', 'notice']

test.each(kinds.flatMap((kind) => causes.map((cause) => [kind, cause])))(
  'if the system grants no process for it the %s fails (%s), and the agent lives',
  heavy(),
  (...args) => {
    expect(execFileSync(process.execPath, [SCRIPT, ...args], { encoding: 'utf8' })).toBe('refused, alive')
  },
)
