// @module-tag heavy
import { globSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { spawnSync } from '../waits.ts'

const root = resolve(import.meta.dirname, '..', '..')
/** They import from the rooms of tests, and run without the runner of tests. */
test('each fault matrix starts without vitest and refuses a family that it does not have', () => {
  const scripts = globSync('scripts/*-matrix.ts', { cwd: root })
  expect(scripts.length).toBeGreaterThanOrEqual(3)
  for (const script of scripts) {
    const ran = spawnSync(process.execPath, [join(root, script), 'nobody'], { encoding: 'utf8' })
    expect(`${script}: ${ran.stderr}`).toMatch(/Error: nobody is not (one of|a family)/)
    expect(ran.status).toBe(1)
  }
})
