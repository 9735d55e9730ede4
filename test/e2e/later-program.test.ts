import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { LATER_VERSION, laterProgram } from './later-program.ts'

// The tests that run it are heavy and wait for their slice: a source that changed is told here, the same day.
test('the sources have each place at which a later program is planted', () => {
  const { root } = laterProgram()
  expect(readFileSync(join(root, 'package.json'), 'utf8')).toContain(LATER_VERSION)
})
