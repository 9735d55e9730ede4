import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fastFolder } from './fast-folder.ts'

/**
 * All that a run of the tests writes, in one folder that goes with it. What a killed process wrote is there for the next one
 * on any disk: a power cut alone tells a memory disk from another, and those are played by disks of our own
 * (`test/crash/unsynced.test.ts`, `test/simulation/`).
 */
export function setup(): () => void {
  const folder = mkdtempSync(join(fastFolder(), 'test-'))
  // As of /tmp: some tests are other users.
  chmodSync(folder, 0o1777)
  process.env['TMPDIR'] = folder
  return () => rmSync(folder, { recursive: true, force: true })
}
