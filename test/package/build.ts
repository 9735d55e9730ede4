import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { ROOT } from '../cli/command.ts'
import { BUILD_LIMIT_MS, execFileSync } from '../waits.ts'

const SCRIPT = 'scripts/package/package.ts'

/** Builds the Debian package of this tree and returns its file, in a folder that is removed after the run. */
export function buildPackage(...args: readonly string[]): string {
  return buildPackageOf(ROOT, ...args)
}

/** The same of another tree. */
export function buildPackageOf(root: string, ...args: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'deb-'))
  execFileSync(process.execPath, [join(root, SCRIPT), '--out', folder, ...args], {
    stdio: 'pipe',
    timeout: BUILD_LIMIT_MS,
  })
  // The client of a till is next to it.
  return join(folder, readdirSync(folder).find((name) => name.endsWith('.deb')) ?? '')
}

const ONCE = '[ -e "$1" ] || { "$2" "$3" --out "$1.built"; mv "$1.built"/*.deb "$1"; }'

/** The same, built once for all files of a run: those that begin at the same moment wait for the first one. */
export function packageOfThisRun(): string {
  const file = join(tmpdir(), 'fiskal-edge-of-this-run.deb')
  const args = [`${file}.lock`, 'sh', '-ec', ONCE, 'sh', file, process.execPath, join(ROOT, SCRIPT)]
  execFileSync('flock', args, { stdio: 'pipe', timeout: BUILD_LIMIT_MS })
  return file
}

/** Makes an unpacked package one of another version. */
export function makeVersion(tree: string, version: string): void {
  rewrite(join(tree, 'DEBIAN/control'), /^Version: .*$/m, `Version: ${version}`)
  rewrite(join(tree, 'DEBIAN/preinst'), /refuse_newer_journals \d\S+/, `refuse_newer_journals ${version}`)
}

export function rewrite(file: string, from: RegExp | string, to: string): void {
  const text = readFileSync(file, 'utf8')
  expect(text, file).toMatch(from)
  writeFileSync(file, text.replace(from, to))
}
