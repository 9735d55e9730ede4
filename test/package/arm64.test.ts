// @module-tag heavy
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { fiskalEdge, ROOT, removedLater, startDaemon } from '../cli/command.ts'
import { LOCATION, MERCHANT } from '../e2e/austria/shop.ts'
import { freePort } from '../free-port.ts'
import { BUILD_LIMIT_MS, execFileSync } from '../waits.ts'

const BUILDER = join(ROOT, 'scripts/package/package.ts')
const folder = removedLater(mkdtempSync(join(tmpdir(), 'arm64-')))
const root = join(folder, 'root')
const program = join(root, 'opt/fiskal-edge')
const pkcs11 = join(program, 'node_modules/pkcs11js/build/Release/pkcs11.node')

function build(to: string, env = process.env): string {
  execFileSync(process.execPath, [BUILDER, '--arch', 'arm64', '--out', to], {
    stdio: 'pipe',
    env,
    timeout: BUILD_LIMIT_MS,
  })
  return join(to, readdirSync(to).find((name) => name.endsWith('.deb')) ?? '')
}

/** Its Node runs under QEMU, and so do its child processes: its executable is a script. */
function emulate(): void {
  const node = join(program, 'bin/node')
  renameSync(node, `${node}.arm64`)
  const preload = join(folder, 'preload.cjs')
  writeFileSync(preload, `process.execPath = ${JSON.stringify(node)}\n`)
  const call = `exec qemu-aarch64-static -L ${root} ${node}.arm64 --require ${preload} "$@"`
  writeFileSync(node, `#!/bin/sh\n${call}\n`, { mode: 0o755 })
}

describe('the package for arm64', () => {
  let deb = ''
  beforeAll(() => {
    deb = build(join(folder, 'first'))
    mkdirSync(root, { recursive: true })
    execFileSync('dpkg-deb', ['-x', deb, root])
  })

  test('contains the module for cards, for no newer glibc than it depends on', () => {
    const header = execFileSync('aarch64-linux-gnu-objdump', ['-fT', pkcs11], { encoding: 'utf8' })
    expect(header).toContain('file format elf64-littleaarch64')
    const versions = [...header.matchAll(/GLIBC_2\.(\d+)/g)].map(([, minor]) => Number(minor))
    expect(Math.max(...versions)).toBeLessThanOrEqual(34)
    expect(execFileSync('dpkg-deb', ['-f', deb, 'Depends'], { encoding: 'utf8' })).toContain('libc6 (>= 2.34)')
  })

  test('has the same bytes each time', () => {
    const hash = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex')
    expect(hash(build(join(folder, 'second')))).toBe(hash(deb))
  })

  test('signs an Austrian receipt with a key in SoftHSM for arm64, which verifies here', async () => {
    execFileSync('sh', [join(import.meta.dirname, 'arm64-libraries.sh'), folder], {
      stdio: 'pipe',
      timeout: BUILD_LIMIT_MS,
    })
    emulate()
    const token = join(folder, 'softhsm2.conf')
    mkdirSync(join(folder, 'tokens'))
    writeFileSync(token, `directories.tokendir = ${join(folder, 'tokens')}\n`)
    const env = { ...process.env, SOFTHSM2_CONF: token }
    const init = ['--init-token', '--free', '--label', 'edge', '--pin', '123456', '--so-pin', '12345678']
    execFileSync('softhsm2-util', init, { env, stdio: 'pipe' })
    writeFileSync(join(folder, 'card.pin'), '123456', { mode: 0o600 })
    const config = join(folder, 'agent.json')
    const module = join(root, 'usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so')
    const card = { id: 'card-1', driver: 'card-pkcs11', module, token: 'edge', pinFile: join(folder, 'card.pin') }
    const listen = { host: '127.0.0.1', port: await freePort() }
    writeFileSync(config, JSON.stringify({ version: 1, state: join(folder, 'state'), listen, devices: [card] }))
    const launcher = join(program, 'bin/fiskal-edge')
    // Run by this machine's Node: the emulated agent does the same work, and each emulated start would take ten
    // seconds of computing.
    const run = async (...args: string[]): Promise<string> => {
      const ran = await fiskalEdge(...args, '--config', config)
      expect(ran).toMatchObject({ code: 0 })
      return ran.out
    }

    const daemon = await startDaemon('sh', [launcher, 'run', '--config', config], env, BUILD_LIMIT_MS)
    try {
      await run('device', 'init', 'card-1')
      const { key } = JSON.parse(await run('key', 'create', 'platform', '--json')) as { key: string }
      const office = async (path: string, body: object): Promise<string> => {
        const json = { 'content-type': 'application/json', 'idempotency-key': path }
        const headers = { authorization: `Bearer ${key}`, ...json }
        const answer = await fetch(daemon.url + path, { method: 'POST', headers, body: JSON.stringify(body) })
        expect(answer.ok, `${path}: ${answer.status}`).toBe(true)
        return ((await answer.json()) as { id: string }).id
      }
      await office('/v1/merchants', MERCHANT)
      const location = await office('/v1/locations', LOCATION)
      const register = await office('/v1/registers', { location_id: location, name: 'Kassa' })
      await office(`/v1/registers/${register}/fiscalize`, {})
      const [dep7, material] = [join(folder, 'dep7.json'), join(folder, 'crypto.json')]
      await run('export', 'dep7', '--out', dep7)
      await run('export', 'rksv_crypto', '--out', material)
      const verified = await fiskalEdge('verify', dep7, '--material', material)
      expect(verified).toMatchObject({ code: 0, out: expect.stringContaining('1 receipts, 1 signatures') })
    } finally {
      daemon.child.kill('SIGTERM')
      await daemon.ended
    }
  })
})

test('a package for arm64 without the compiler is refused with the name of the Debian package', () => {
  const to = join(folder, 'refused')
  const tools = removedLater(mkdtempSync(join(tmpdir(), 'tools-')))
  for (const tool of ['npm', 'node', 'git'])
    execFileSync('ln', ['-s', execFileSync('which', [tool], { encoding: 'utf8' }).trim(), join(tools, tool)])
  const env = { ...process.env, PATH: tools }
  expect(() => build(to, env)).toThrow(/apt-get install -y g\+\+-aarch64-linux-gnu/)
})
