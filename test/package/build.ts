import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, renameSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from '../cli/command.ts'

/** Builds the Debian package of this tree and returns its file, in a folder that goes with the run. */
export function buildPackage(...args: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'deb-'))
  const script = join(ROOT, 'scripts/package/package.ts')
  execFileSync(process.execPath, [script, '--out', folder, ...args], { stdio: 'pipe' })
  return join(folder, readdirSync(folder)[0] ?? '')
}

/** The same, built once for all files of a run. */
export function packageOfThisRun(): string {
  const file = join(tmpdir(), 'fiskal-edge-of-this-run.deb')
  // Two that build at the same moment build the same bytes.
  if (!existsSync(file)) renameSync(buildPackage(), file)
  return file
}
