// @module-tag heavy
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { acquireLock } from '../../agent/journal/disk/lock.ts'
import { once } from '../waits.ts'
import { BIN, fiskalEdge, ownConfig, ownTill, ROOT, runShippedDaemon, startDaemon } from './command.ts'

type Doctor = { findings: { check: string; state: string; message: string; remedy?: string }[] }

const hostNode = ['/usr/bin/node', '/usr/local/bin/node'].find((file) => existsSync(file))

describe('the daemon', () => {
  test('is one process, prints its address, and stops in order on SIGTERM', async () => {
    const daemon = await runShippedDaemon(ownConfig())
    expect(daemon.pid).toBe(daemon.child.pid)
    expect(readFileSync(`/proc/${daemon.pid}/comm`, 'utf8')).toBe('fiskal-edge\n')
    expect(await (await fetch(`${daemon.url}/healthz`)).json()).toEqual({ status: 'ok' })
    process.kill(daemon.pid, 'SIGTERM')
    const { code, err } = await daemon.ended
    expect(code).toBe(0)
    expect(err).toContain('"msg":"stopped"')
  })

  test('sells on and stops in order where its log has no room', async () => {
    const bin = join(ROOT, 'bin', 'fiskal-edge.cjs')
    const command = `exec "$0" "$1" run --config "$2" 2>/dev/full`
    const daemon = await startDaemon('sh', ['-c', command, process.execPath, bin, ownTill()])
    expect(await (await fetch(`${daemon.url}/healthz`)).json()).toEqual({ status: 'ok' })
    daemon.child.kill('SIGTERM')
    expect((await daemon.ended).code).toBe(0)
  })

  test('sells on and stops in order when its output is not read any longer', async () => {
    const daemon = await runShippedDaemon(ownTill())
    daemon.child.stdout?.destroy()
    daemon.child.stderr?.destroy()
    // Refused, and so a line of the log.
    expect((await fetch(`${daemon.url}/v1/registers`)).status).toBe(401)
    daemon.child.kill('SIGTERM')
    expect((await daemon.ended).code).toBe(0)
  })

  test('waits for a slow device, also if no daemon runs', async () => {
    const config = ownTill([{ id: 'tse-1', driver: 'tse-simulator', latencyMs: 50 }])
    const status = await fiskalEdge('device', 'status', 'tse-1', '--config', config)
    expect(status.code).toBe(0)
    const daemon = await runShippedDaemon(config)
    expect(await (await fetch(`${daemon.url}/readyz`)).json()).toMatchObject({ state: 'ready' })
    daemon.child.kill('SIGTERM')
    expect((await daemon.ended).code).toBe(0)
  })

  test('is reported by the doctor as started before the configuration was changed', async () => {
    const config = ownTill()
    const daemon = await runShippedDaemon(config)
    const told = async () => {
      const { findings } = JSON.parse((await fiskalEdge('doctor', '--json', '--config', config)).out) as Doctor
      return findings.filter(({ check }) => check === 'configuration' || check.startsWith('sync'))
    }
    expect(await told()).toMatchObject([{ state: 'ok' }])
    const disk = { id: 'disk', kind: 'file', folder: join(dirname(config), 'disk') }
    const changed = { ...JSON.parse(readFileSync(config, 'utf8')), deadlineMs: 9000, sync: { targets: [disk] } }
    writeFileSync(config, JSON.stringify(changed))
    const remedy = 'systemctl restart fiskal-edge: it reads its configuration then'
    expect((await told()).filter(({ state }) => state !== 'ok')).toMatchObject([
      { check: 'configuration', message: expect.stringContaining('since the agent started'), remedy },
      { check: 'sync disk', message: expect.stringContaining('not known to the running agent'), remedy },
    ])
    daemon.child.kill('SIGTERM')
    expect((await daemon.ended).code).toBe(0)
    expect((await told()).filter(({ state }) => state !== 'ok')).toMatchObject([{ check: 'sync disk' }])
  })

  test.each([
    ['for room on a full disk', 'head -c 20m /dev/zero >fill', 'rm fill', 'is full (0 KiB free)'],
    [
      'until its disk is written to again',
      'mount -o remount,ro .',
      'mount -o remount,rw .',
      'check its owner, its mode and that the disk is not read-only',
    ],
  ])('as a service waits %s, and starts automatically then', async (_, obstruct, repair, told) => {
    const config = ownConfig()
    const state = join(dirname(config), 'state')
    mkdirSync(state)
    const bin = join(ROOT, 'bin', 'fiskal-edge.cjs')
    // A manager whose socket does not exist still counts as one.
    const command = `mount -t tmpfs -o size=16m small ${state} && cd ${state} && ${obstruct}
      mkfifo ../fix; { timeout 60 cat ../fix; ${repair}; } >/dev/null 2>&1 &
      NOTIFY_SOCKET=/none exec "$0" "$1" run --config "$2"`
    const child = spawn('unshare', ['-rm', 'sh', '-c', command, process.execPath, bin, config])
    const ended = text(child.stdout)
    for await (const line of createInterface(child.stderr)) {
      if (line.includes(told)) writeFileSync(join(dirname(config), 'fix'), 'now\n')
      if (line.includes('"msg":"ready at')) break
    }
    child.kill('SIGTERM')
    expect(await ended).toMatch(/^fiskal-edge is ready at /)
  })

  test('as a service waits for a command that uses its state, and starts automatically after it', async () => {
    const config = ownTill()
    const lock = acquireLock(join(dirname(config), 'state'))
    const env = { ...process.env, NOTIFY_SOCKET: '/none' }
    const child = spawn(process.execPath, [BIN, 'run', '--config', config], { env })
    const ended = text(child.stdout)
    for await (const line of createInterface(child.stderr)) {
      // Longer than a start by hand waits: ten that failed were the last ones.
      if (line.includes('is in use by process')) setTimeout(() => lock.release(), 4000)
      if (line.includes('"msg":"ready at')) break
    }
    child.kill('SIGTERM')
    expect(await ended).toMatch(/^fiskal-edge is ready at /)
  })

  test('as a service waits until its port is free, and starts automatically then', async () => {
    const holder = createServer().listen(0, '127.0.0.1')
    await once(holder, 'listening')
    const { port } = holder.address() as AddressInfo
    const args = [join(ROOT, 'bin', 'fiskal-edge.cjs'), 'run', '--config', ownConfig([], { listen: { port } })]
    const child = spawn(process.execPath, args, { env: { ...process.env, NOTIFY_SOCKET: '/none' } })
    const ended = text(child.stdout)
    for await (const line of createInterface(child.stderr)) {
      if (line.includes('"msg":"address_in_use: ')) holder.close()
      if (line.includes('"msg":"ready at')) break
    }
    child.kill('SIGTERM')
    expect(await ended).toContain(`is ready at http://localhost:${port} `)
  })

  test('starts again at once after kill -9', async () => {
    const config = ownTill()
    for (let round = 0; round < 3; round++) {
      const daemon = await runShippedDaemon(config)
      process.kill(daemon.pid, 'SIGKILL')
      await daemon.ended
    }
    const daemon = await runShippedDaemon(config)
    daemon.child.kill('SIGTERM')
    expect((await daemon.ended).code).toBe(0)
  })

  test('refuses a second one on the same state', async () => {
    const config = ownTill()
    const daemon = await runShippedDaemon(config)
    const second = await fiskalEdge('run', '--config', config)
    expect(second.code).toBe(1)
    expect(second.err).toMatch(/^fiskal-edge: state_locked: /m)
    daemon.child.kill('SIGTERM')
    await daemon.ended
  })

  test('ends with one sentence if its folder cannot be made, also if the system has no folders', async () => {
    const { code, err } = await fiskalEdge('run', '--config', ownConfig([], { state: '/proc/none/state' }))
    expect(code).toBe(1)
    expect(err).toMatch(/^fiskal-edge: path_unusable: .*\/proc\/none/m)
  })

  test('does not outlive an npm that was killed', async () => {
    const config = ownTill()
    const command = ['start', '--silent', '--', '--config', config]
    const first = await startDaemon('npm', command)
    first.child.kill('SIGKILL')
    const next = await startDaemon('npm', command)
    expect(next.pid).not.toBe(first.pid)
    next.child.kill('SIGTERM')
    await next.ended
  })

  if (hostNode !== undefined) {
    test('does not outlive the older Node that started it', async () => {
      const config = ownTill()
      const bin = join(ROOT, 'bin', 'fiskal-edge.cjs')
      const first = await startDaemon(hostNode, [bin, 'run', '--config', config])
      first.child.kill('SIGKILL')
      const next = await startDaemon(hostNode, [bin, 'run', '--config', config])
      next.child.kill('SIGTERM')
      expect((await next.ended).code).toBe(0)
    })
  }
})

test('a command whose output has no space reports that and fails', async () => {
  const bin = join(ROOT, 'bin', 'fiskal-edge.cjs')
  const command = 'exec "$0" "$1" config example kassensichv >/dev/full'
  const child = spawn('sh', ['-c', command, process.execPath, bin], { stdio: ['ignore', 'ignore', 'pipe'] })
  const [err, [code]] = await Promise.all([text(child.stderr), once(child, 'close')])
  expect({ code, err }).toEqual({ code: 1, err: expect.stringMatching(/^fiskal-edge: storage_unavailable: ENOSPC/) })
})
