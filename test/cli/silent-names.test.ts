// @module-tag heavy
import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { once } from '../waits.ts'
import { BIN, fiskalEdge, ownTill, startDaemon } from './command.ts'

/** Loopback addresses with a port of their own: RFC 1035 §4.2 has one port for name servers. */
const NAME_SERVER = '127.0.0.153'
const NAME_SERVER_PORT = 53

test('a printer prints and a stop ends while the name server is silent about receivers', async () => {
  const silent = createSocket('udp4').bind(NAME_SERVER_PORT, NAME_SERVER)
  onTestFinished(() => void silent.close())
  const asked = once(silent, 'message')
  await once(silent, 'listening')
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
  const resolvers = join(folder, 'resolv.conf')
  writeFileSync(resolvers, `nameserver ${NAME_SERVER}\n`)
  // The daemon alone has this name server: a mount of its own namespace.
  const script = 'mount --bind "$1" /etc/resolv.conf && shift && exec "$@"'
  const command = ['--mount', 'sh', '-c', script, 'sh', resolvers, process.execPath, BIN, 'run', '--config', config]
  const daemon = await startDaemon('unshare', process.getuid?.() === 0 ? command : ['--map-root-user', ...command])
  onTestFinished(() => void daemon.child.kill('SIGKILL'))
  await asked
  const { out } = await fiskalEdge('device', 'status', 'rt-1', '--config', config)
  expect(out).toMatch(/^state +ready$/m)
  expect(await (await fetch(`${daemon.url}/readyz`)).json()).toMatchObject({ state: 'ready' })
  daemon.child.kill('SIGTERM')
  expect((await daemon.ended).code).toBe(0)
  expect(daemon.log()).not.toContain('the stop took too long')
})
