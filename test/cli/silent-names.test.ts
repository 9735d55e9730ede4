import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { BIN, fiskalEdge, ownTill, startDaemon } from './command.ts'

const SILENT = join(import.meta.dirname, 'silent-names.c')
/** As many as libuv looks up at once with its four threads. */
const WAITING = 2

test('a printer is found by its name while the name service is silent about receivers', async () => {
  const args = [BIN, 'simulate', 'rt-epson', '--port', '0', '--json']
  const printer = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void printer.kill('SIGTERM'))
  const { device } = JSON.parse(String((await once(printer.stdout, 'data'))[0]))
  const token = { tokenFile: 'cloud.token' }
  const targets = [
    { id: 'cloud', kind: 'https', url: 'https://cloud.example', ...token },
    { id: 'chain', kind: 'nats', servers: ['tls://nats.example:4222'], stream: 'FISKAL', tenant: 'shop', shards: 1 },
  ]
  const http = { ...device.http, host: 'localhost' }
  const config = ownTill([{ id: 'rt-1', driver: 'rt-epson', http }], { sync: { targets } })
  const folder = dirname(config)
  writeFileSync(join(folder, 'cloud.token'), 'token', { mode: 0o600 })
  const library = join(folder, 'silent-names.so')
  execFileSync('cc', ['-shared', '-fPIC', '-o', library, SILENT, '-ldl'])
  const waiting = join(folder, 'waiting')
  writeFileSync(waiting, '')
  const env = { ...process.env, LD_PRELOAD: library, SILENT_NAMES_LOG: waiting }
  const daemon = await startDaemon(process.execPath, [BIN, 'run', '--config', config], env)
  onTestFinished(() => void daemon.child.kill('SIGKILL'))
  await expect.poll(() => statSync(waiting).size).toBeGreaterThanOrEqual(WAITING)
  const { out } = await fiskalEdge('device', 'status', 'rt-1', '--config', config)
  expect(out).toMatch(/^state +ready$/m)
  expect(await (await fetch(`${daemon.url}/readyz`)).json()).toMatchObject({ state: 'ready' })
})
