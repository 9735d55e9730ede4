import { spawn } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { checkPackage } from '../../agent/cli/checks/package.ts'
import { PROGRAM } from '../../agent/cli/service/files.ts'
import { KEPT, LOG } from '../../agent/cli/update/commands.ts'
import { demandFreeDpkg, install } from '../../agent/cli/update/dpkg.ts'
import { demandWhole, installedPackage, packageOf } from '../../agent/cli/update/packages.ts'
import { execFileSync, once } from '../waits.ts'
import { removedLater } from './command.ts'

const PATH = process.env['PATH']
const wasThere = existsSync(KEPT)

afterEach(() => {
  process.env['PATH'] = PATH
  if (!wasThere) rmSync(KEPT, { recursive: true, force: true })
})

function temporary(): string {
  return removedLater(mkdtempSync(join(tmpdir(), 'words-')))
}

/** A package of that name with some content, for this machine. */
function built(name: string): string {
  const tree = join(temporary(), 'tree')
  mkdirSync(join(tree, 'DEBIAN'), { recursive: true })
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch
  const control = `Package: ${name}\nVersion: 9.1.0\nArchitecture: ${architecture}\nMaintainer: T <t@example.com>\nFiskal-Edge-Min-Safe: 9.0.0\nDescription: t\n`
  writeFileSync(join(tree, 'DEBIAN/control'), control)
  writeFileSync(join(tree, 'content'), Buffer.alloc(300_000, 'no two of these bytes are alike'))
  const file = join(temporary(), 'p.deb')
  execFileSync('dpkg-deb', ['-Znone', '--root-owner-group', '--build', tree, file], { stdio: 'pipe' })
  return file
}

/** Programs of the system that write these lines, as far as a test needs them. */
function withPrograms(scripts: Readonly<Record<string, string>>): void {
  const folder = temporary()
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(folder, name), 0o755)
  }
  process.env['PATH'] = `${folder}:${PATH}`
}

test('a package that was cut off is refused though its beginning can be read; a whole one is not', () => {
  const file = built('fiskal-edge')
  const given = packageOf(file)
  expect(given).toMatchObject({ version: '9.1.0', minSafeVersion: '9.0.0' })
  expect(() => demandWhole(given)).not.toThrow()
  truncateSync(file, statSync(file).size - 1000)
  expect(packageOf(file)).toMatchObject({ version: '9.1.0' })
  expect(() => demandWhole(given)).toThrow(
    /p\.deb is cut off or damaged: copy or download it again.*Nothing was changed/,
  )
  expect(readFileSync(LOG, 'utf8')).toContain('dpkg-deb --fsys-tarfile')
})

test('a file that is not a package, or one of another program, is refused with that reason', () => {
  const text = join(temporary(), 'text.deb')
  writeFileSync(text, 'Not found')
  expect(() => packageOf(text)).toThrow(/text\.deb is not a package/)
  expect(() => packageOf(text)).not.toThrow(/dpkg-deb: error/)
  expect(() => packageOf(built('other'))).toThrow(/is other for .* and not fiskal-edge/)
})

test('the holder of the lock of dpkg is named before anything stops, and a free one stops nothing', async () => {
  const lock = join(temporary(), 'lock-frontend')
  writeFileSync(lock, '')
  expect(() => demandFreeDpkg([lock])).not.toThrow()
  const hold = `import fcntl,sys; f=open(sys.argv[1],'w'); fcntl.lockf(f,fcntl.LOCK_EX); print('held',flush=True); sys.stdin.read()`
  const holder = spawn('python3', ['-c', hold, lock], { stdio: ['pipe', 'pipe', 'inherit'] })
  await once(holder.stdout, 'data')
  expect(() => demandFreeDpkg([lock])).toThrow(new RegExp(`process ${holder.pid} \\(python3.*Nothing was changed`))
  holder.stdin.end()
  await once(holder, 'exit')
  expect(() => demandFreeDpkg([lock])).not.toThrow()
})

test.each([
  ['installed', { version: '1.2.0', isHalf: false }],
  ['half-configured', { version: '1.1.0', isHalf: true }],
  ['half-installed', { version: '1.1.0', isHalf: true }],
  ['unpacked', { version: '1.1.0', isHalf: true }],
])('the state %s of dpkg is understood', (state, expected) => {
  withPrograms({ 'dpkg-query': `printf '${state}\\t1.2.0\\t1.1.0'` })
  expect(installedPackage()).toEqual(expected)
})

test.each([
  ['config-files', "printf 'config-files\\t1.2.0\\t'"],
  ['none', 'exit 1'],
])('a program without its package (%s) is updated as a clone', (_state, script) => {
  withPrograms({ 'dpkg-query': script })
  expect(() => installedPackage()).toThrow(/a clone is updated with git pull/)
})

test.each([
  ['half-configured', 'failure'],
  ['unpacked', 'failure'],
  ['installed', undefined],
])('a package whose state is %s is for the doctor: %s', (state, expected) => {
  withPrograms({ 'dpkg-query': `printf '${state}\\t1.2.0\\t1.1.0'` })
  const root = temporary()
  expect(checkPackage({ root })).toEqual([])
  const units = join(root, 'usr/lib/systemd/system')
  mkdirSync(units, { recursive: true })
  writeFileSync(join(units, 'fiskal-edge.service'), `ExecStart=${PROGRAM}/bin/fiskal-edge run\n`)
  expect(checkPackage({ root }).map((finding) => finding.state)).toEqual(expected === undefined ? [] : [expected])
})

type Refusal = { says: string; state: string; code: string; words: RegExp; isKept: boolean }

test.each<[string, Refusal]>([
  [
    'its own script refuses',
    {
      says: 'fiskal-edge: journal_too_new: the journal has schema 9.',
      state: 'installed',
      code: 'update_failed',
      words:
        /^journal_too_new: the journal has schema 9\. fiskal-edge 1\.2\.0 is still installed\. The text of dpkg is in/,
      isKept: false,
    },
  ],
  [
    'it stops in the middle',
    {
      says: 'dpkg: error processing package fiskal-edge (--install): old script returned error exit status 1',
      state: 'half-configured',
      code: 'update_failed',
      words:
        /^dpkg did not install fiskal-edge 9\.1\.0\. The package is half installed: fiskal-edge update FILE finishes it\./,
      isKept: false,
    },
  ],
  [
    'the disk is full',
    {
      says: 'dpkg: error: cannot copy extracted data: failed to write (No space left on device)',
      state: 'installed',
      code: 'update_no_space',
      words: /^The disk has no room for fiskal-edge 9\.1\.0: free space/,
      isKept: true,
    },
  ],
  [
    'another program was faster',
    {
      says: 'dpkg: error: dpkg frontend lock was locked by another process with pid 812',
      state: 'installed',
      code: 'update_busy',
      words: /^Another program installs packages on this machine: wait/,
      isKept: true,
    },
  ],
])('dpkg fails because %s: cause and remedy are in our words, its own in the log', (_why, refusal) => {
  withPrograms({
    dpkg: `echo "${refusal.says}" >&2; exit 1`,
    'dpkg-query': `printf '${refusal.state}\\t1.2.0\\t1.2.0'`,
  })
  const file = join(temporary(), 'fiskal-edge_9.1.0.deb')
  writeFileSync(file, '')
  const refused = () => install({ file, version: '9.1.0', minSafeVersion: '9.0.0' })
  expect(refused).toThrow(
    expect.objectContaining({ code: refusal.code, message: expect.stringMatching(refusal.words) }),
  )
  // A copy that dpkg refused is removed.
  expect(existsSync(file)).toBe(refusal.isKept)
  expect(readFileSync(LOG, 'utf8')).toContain(refusal.says)
})
