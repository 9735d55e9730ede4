import { spawn } from 'node:child_process'
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import type { Ran } from '../cli/command.ts'
import { ownTill, ROOT, startDaemon } from '../cli/command.ts'
import { heavy } from '../tags.ts'
import { spawnSync } from '../waits.ts'

/** A Node that prints its environment, one variable a line, instead of running a program. */
const PRINTER = '#!/bin/sh\nexec env\n'
const folder = mkdtempSync(join(tmpdir(), 'launcher-'))
afterAll(() => rmSync(folder, { recursive: true }))

function inClone(): string {
  const clone = join(folder, 'clone')
  mkdirSync(join(clone, 'node_modules', '.bin'), { recursive: true })
  cpSync(join(ROOT, 'bin'), join(clone, 'bin'), { recursive: true })
  writeFileSync(join(clone, 'node_modules', '.bin', 'node'), PRINTER, { mode: 0o755 })
  const link = join(clone, 'node_modules', '.bin', 'fiskal-edge')
  symlinkSync('../../bin/fiskal-edge', link)
  return link
}

function inPackage(): string {
  const bin = join(folder, 'package', 'bin')
  mkdirSync(bin, { recursive: true })
  const launcher = readFileSync(join(ROOT, 'scripts', 'package', 'debian', 'fiskal-edge'), 'utf8')
  const text = launcher.replace('@ENVIRONMENT@', 'UV_THREADPOOL_SIZE=16').replace('@FLAGS@', '--expose-gc')
  writeFileSync(join(bin, 'fiskal-edge'), text, { mode: 0o755 })
  copyFileSync(join(ROOT, 'bin', 'environment.sh'), join(bin, 'environment.sh'))
  writeFileSync(join(bin, 'node'), PRINTER, { mode: 0o755 })
  return join(bin, 'fiskal-edge')
}

const launchers = [
  { place: 'clone', launcher: inClone() },
  { place: 'package', launcher: inPackage() },
]

/** What the program gets: the names of its variables, without those that a shell makes. */
function variables(launcher: string, given: Readonly<Record<string, string>>, prefix = ''): Record<string, string> {
  const env = { PATH: '/usr/bin:/bin', ...given }
  const ran = spawnSync('sh', ['-c', `${prefix} exec "$0" run`, launcher], { env, encoding: 'utf8' })
  expect(ran.stderr).toBe('')
  const lines = ran.stdout.split('\n').filter((line) => line.includes('='))
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]))
}

const DECIDES = [
  ...['NODE_OPTIONS', 'NODE_EXTRA_CA_CERTS', 'NODE_TLS_REJECT_UNAUTHORIZED', 'NODE_PATH', 'NODE_ENV', 'NODE_DEBUG'],
  ...['NODE_USE_ENV_PROXY', 'NODE_USE_SYSTEM_CA', 'NODE_OF_TOMORROW', 'UV_USE_IO_URING'],
  ...['OPENSSL_CONF', 'OPENSSL_MODULES', 'OPENSSL_ia32cap', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'SSLKEYLOGFILE'],
  ...['https_proxy', 'HTTP_PROXY', 'no_proxy', 'ALL_PROXY', 'Ftp_Proxy'],
  ...['PGHOST', 'PGSSLMODE', 'PGPASSWORD', 'PGOPTIONS', 'PGPASSFILE'],
  ...['RES_OPTIONS', 'LOCALDOMAIN', 'HOSTALIASES', 'CARES_HOSTS', 'DEBUG', 'DEBUG_FD', 'NAPI_RS_NATIVE_LIBRARY_PATH'],
]
const KEPT = {
  HOME: '/root',
  LANG: 'de_DE.UTF-8',
  TZ: 'Europe/Rome',
  TMPDIR: '/tmp',
  NO_COLOR: '1',
  NOTIFY_SOCKET: '/run/notify',
  CREDENTIALS_DIRECTORY: '/run/credentials',
  FISKAL_EDGE_SECRETS: '/run/fiskal-edge-secrets',
  NODE_COMPILE_CACHE: '/var/cache/fiskal-edge',
  npm_config_https_proxy: 'http://proxy',
  LD_PRELOAD: '',
  MY_PGHOST: 'db',
  name: 'shop',
  value: '1.00',
}

test.each(launchers)('the launcher drops each variable that decides for the program: $place', ({ launcher }) => {
  const given = Object.fromEntries(DECIDES.map((name) => [name, 'secret value']))
  const got = variables(launcher, { ...given, ...KEPT })
  expect(Object.keys(got).filter((name) => DECIDES.includes(name))).toEqual([])
  expect(got['FISKAL_EDGE_DROPPED']?.split(' ').sort()).toEqual([...DECIDES].sort())
  expect(Object.values(got).join()).not.toContain('secret value')
  expect(got).toMatchObject(KEPT)
})

test.each(launchers)('the launcher names nothing if nothing was dropped: $place', ({ launcher }) => {
  const text = 'a\nNODE_OPTIONS=--require x\nPGHOST=x'
  const got = variables(launcher, { ...KEPT, TEXT: text, FISKAL_EDGE_DROPPED: 'PGHOST', FISKAL_EDGE_IGNORED: 'SIGHUP' })
  expect(got).not.toHaveProperty('FISKAL_EDGE_DROPPED')
  expect(got).not.toHaveProperty('FISKAL_EDGE_IGNORED')
})

test.each(launchers)('the launcher passes on the signals that it was started to ignore: $place', ({ launcher }) => {
  const ignored = (signals: string) => variables(launcher, {}, `trap '' ${signals};`)['FISKAL_EDGE_IGNORED']
  expect(ignored('HUP')).toBe('SIGHUP')
  expect(ignored('INT QUIT')).toBe('SIGINT SIGQUIT')
  expect(ignored('HUP INT QUIT USR1 PIPE')).toBe('SIGHUP SIGINT SIGQUIT')
  // A stop must remain possible.
  expect(ignored('TERM USR2')).toBeUndefined()
})

const START = join(ROOT, 'bin', 'fiskal-edge')
const EVIL = { NODE_OPTIONS: '--require /nowhere/evil.cjs', PGSSLMODE: 'disable', SSL_CERT_FILE: '/nowhere/ca.pem' }

test(
  'an agent that an environment tries to change starts, and its log names the variables in one line',
  heavy(),
  async () => {
    const daemon = await startDaemon(START, ['run', '--config', ownTill()], { PATH: '/usr/bin:/bin', ...EVIL })
    daemon.child.kill('SIGTERM')
    const { code, err } = await daemon.ended
    expect(code, err).toBe(0)
    const lines = err.split('\n').filter((line) => line.includes('environment variables'))
    expect(lines).toEqual([expect.stringContaining('NODE_OPTIONS, PGSSLMODE, SSL_CERT_FILE')])
    expect(err).not.toContain('nowhere')
  },
)

test('an agent in a clean environment logs no such line', heavy(), async () => {
  const daemon = await startDaemon(START, ['run', '--config', ownTill()], { PATH: '/usr/bin:/bin' })
  daemon.child.kill('SIGTERM')
  expect((await daemon.ended).err).not.toContain('environment variables')
})

/** Resolves after the process had time to receive an earlier signal: its own answer comes after that. */
async function answersAt(url: string): Promise<number> {
  return (await fetch(`${url}/healthz`)).status
}

test('an agent under nohup continues after SIGHUP and stops in order at SIGTERM', heavy(), async () => {
  const args = [START, 'run', '--config', ownTill()]
  const daemon = await startDaemon('nohup', args, { PATH: '/usr/bin:/bin' })
  daemon.child.kill('SIGHUP')
  expect(await answersAt(daemon.url)).toBe(200)
  daemon.child.kill('SIGHUP')
  expect(await answersAt(daemon.url)).toBe(200)
  daemon.child.kill('SIGTERM')
  const { code, err } = await daemon.ended
  expect(code, err).toBe(0)
  expect(err).toContain('"signal":"SIGTERM"')
})

test(
  'a job in the background of a script continues after Ctrl-C, and one without nohup ends at SIGHUP',
  heavy(),
  async () => {
    const script = '"$0" run --config "$1" & wait'
    const child = spawn('sh', ['-c', script, START, ownTill()], { env: { PATH: '/usr/bin:/bin' } })
    const ended = new Promise<Ran['code']>((resolve) => child.once('exit', resolve))
    onTestFinished(() => void child.kill('SIGKILL'))
    let out = ''
    const [url = '', pid = ''] = await new Promise<string[]>((resolve) => {
      child.stdout.on('data', (bytes) => {
        out += String(bytes)
        const match = /ready at (\S+) .*pid (\d+)\)/.exec(out)
        if (match !== null) resolve(match.slice(1))
      })
    })
    process.kill(Number(pid), 'SIGINT')
    expect(await answersAt(url)).toBe(200)
    process.kill(Number(pid), 'SIGHUP')
    expect(await ended).toBe(0)
  },
)
