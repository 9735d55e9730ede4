// @module-tag heavy
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT, removedLater } from '../cli/command.ts'
import { BUILD_LIMIT_MS, execFileSync } from '../waits.ts'
import { packageOfThisRun } from './build.ts'

function git(...args: string[]): string {
  return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim()
}

/** These sources with these libraries, without a repository. */
function otherPlace(folder: string): string {
  const place = join(folder, 'another place', 'sources')
  for (const file of git('ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate').split('\n')) {
    mkdirSync(dirname(join(place, file)), { recursive: true })
    cpSync(join(ROOT, file), join(place, file), { preserveTimestamps: false })
  }
  symlinkSync(join(ROOT, 'node_modules'), join(place, 'node_modules'))
  return place
}

test('package and client have the same bytes from another path, under another umask and in another time zone', () => {
  const folder = removedLater(mkdtempSync(join(tmpdir(), 'same-bytes-')))
  const out = join(folder, 'out')
  const args = [process.execPath, join(otherPlace(folder), 'scripts/package/package.ts'), '--out', out]
  execFileSync('sh', ['-ec', 'umask 077; exec "$@"', 'sh', ...args], {
    stdio: 'pipe',
    timeout: BUILD_LIMIT_MS,
    env: { ...process.env, TZ: 'Pacific/Auckland', LC_ALL: 'C', SOURCE_DATE_EPOCH: git('log', '-1', '--format=%ct') },
  })
  const ofThisRun = packageOfThisRun()
  const client = join(`${ofThisRun}.built`, readdirSync(`${ofThisRun}.built`)[0] ?? '')
  const hash = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex')
  const made = readdirSync(out).map((name) => hash(join(out, name)))
  expect(made.sort()).toEqual([hash(ofThisRun), hash(client)].sort())
})
