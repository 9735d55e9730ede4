import type { AddressInfo } from 'node:net'
import { connect, createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { isAddressAway, listenOn, tryListening } from '../base/listening.ts'
import { once, spawnSync } from './waits.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

function refusal(host: string, port = 0): Promise<unknown> {
  return tryListening({ host, port }).then(
    () => undefined,
    (error: unknown) => error,
  )
}

async function holderOf(host: string): Promise<{ port: number; leave: () => Promise<unknown> }> {
  const holder = createServer().listen(0, host)
  onTestFinished(() => void holder.close())
  await once(holder, 'listening')
  const leave = (): Promise<unknown> => {
    holder.close()
    return once(holder, 'close')
  }
  return { port: (holder.address() as AddressInfo).port, leave }
}

test('an address that the machine does not have yet, an unknown name and a taken port may recover automatically', async () => {
  const { port } = await holderOf('127.0.0.1')
  // RFC 5737, RFC 6761: an unassigned address, an unassigned name.
  for (const refused of [await refusal('192.0.2.1'), await refusal('kasse.invalid'), await refusal('127.0.0.1', port)])
    expect(isAddressAway(refused)).toBe(true)
})

test('a free address stays free, and other errors are not waited for', async () => {
  for (const host of ['127.0.0.1', 'localhost']) {
    const { port, leave } = await holderOf('127.0.0.1')
    await leave()
    for (let round = 0; round < 3; round++) expect(await refusal(host, port)).toBeUndefined()
  }
  expect(isAddressAway(Object.assign(new Error('listen EACCES'), { code: 'EACCES', syscall: 'listen' }))).toBe(false)
})

test('localhost is both loopback addresses, on one port that the kernel chose', async () => {
  const server = createServer((socket) => socket.end('first'))
  const { port, doors, missing } = await listenOn(server, { host: 'localhost', port: 0 }, () =>
    createServer((socket) => socket.end('second')),
  )
  const said = async (host: string): Promise<string> => {
    const [bytes] = await once(connect(port, host), 'data')
    return String(bytes)
  }
  expect(missing).toEqual([])
  expect([await said('127.0.0.1'), await said('::1')]).toEqual(['first', 'second'])
  for (const one of [server, ...doors]) one.close()
})

test('a port that another program has on one of both loopback addresses is taken, and neither is listened on', async () => {
  for (const [taken, other] of [
    ['127.0.0.1', '::1'],
    ['::1', '127.0.0.1'],
  ] as const) {
    const { port } = await holderOf(taken)
    expect(await refusal('localhost', port)).toMatchObject({ code: 'EADDRINUSE' })
    expect(await refusal(other, port)).toBeUndefined()
  }
})

// A separate network, whose loopback device has no address of IPv6.
test.runIf(process.getuid?.() === 0)(
  'localhost is the one loopback address that the machine has; the agent logs the other one, the doctor warns',
  () => {
    const script = `
      import { createServer } from 'node:net'
      import { listenOn } from '${ROOT}/base/listening.ts'
      import { checkPort } from '${ROOT}/agent/cli/checks/port.ts'
      const server = createServer()
      const { port, missing } = await listenOn(server, { host: 'localhost', port: 0 })
      const { state, message } = await checkPort('listen', { host: 'localhost', port: 0 }, { url: \`http://localhost:\${port}\`, pid: process.pid })
      console.log(port > 0, missing.join(), state, message.replace(String(port), 'PORT'))
      server.close()`
    const inside =
      'ip link set lo up; sysctl -qw net.ipv6.conf.lo.disable_ipv6=1; exec "$0" --input-type=module -e "$1"'
    const { stdout, stderr } = spawnSync('unshare', ['-n', 'sh', '-c', inside, process.execPath, script], {
      encoding: 'utf8',
    })
    expect([stdout, stderr]).toEqual([
      'true ::1 warning the agent is running at http://localhost:PORT; this machine does not have ::1\n',
      '',
    ])
  },
)
