import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fastFolder } from './fast-folder.ts'

/**
 * One folder for all files of a test run, removed after it. The files of a killed process exist for the next one on any
 * disk: only a power cut distinguishes a memory disk, and our own disks simulate those (`test/crash/unsynced.test.ts`,
 * `test/simulation/`).
 */
export function setup(): () => void {
  const folder = mkdtempSync(join(fastFolder(), 'test-'))
  // As of /tmp: some tests are other users.
  chmodSync(folder, 0o1777)
  process.env['TMPDIR'] = folder
  return () => rmSync(folder, { recursive: true, force: true })
}
