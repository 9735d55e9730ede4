// @module-tag heavy
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../../base/clock.ts'
import type { TseSettings } from '../../drivers/tse-catalog.ts'
import { makeTse } from '../contracts/made-tse.ts'
import { vendorTses } from '../contracts/vendor-tses.ts'
import { once } from '../waits.ts'
import { fiskalEdge, ROOT, removedLater } from './command.ts'

type Device = { driver: string; tcp?: { host: string; port: number }; serial?: { path: string }; slot?: number }
type Ready = {
  device: Device
  devices: Device[]
  state: string
}

/** Starts a simulator next to the test and waits until it prints its address. */
async function simulate(...args: string[]) {
  const child = spawn(process.execPath, [join(ROOT, 'bin', 'fiskal-edge.cjs'), 'simulate', ...args, '--json'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const [chunk] = await once(child.stdout, 'data')
  const ended = once(child, 'close').then(([code]) => code as number | null)
  return { ready: JSON.parse(String(chunk)) as Ready, child, ended }
}

async function exchanged(port: number, bytes: string): Promise<string> {
  const socket = createConnection({ host: '127.0.0.1', port })
  socket.write(Buffer.from(bytes.replaceAll(' ', ''), 'hex'))
  let heard = ''
  for await (const chunk of socket) {
    heard += (chunk as Buffer).toString('latin1')
    if (heard.endsWith('\x03')) break
  }
  return heard
}

test('a printer answers in its own bytes on a port, fails as ordered, and ends with the signal', async () => {
  const { ready, child, ended } = await simulate('rt-rch', '--port', '0', '--fault', 'error=ES0032@=K')
  removedLater(ready.state)
  const port = ready.device.tcp?.port ?? 0
  const clear = '02 30 31 30 30 32 4E 3D 4B 30 33 39 03'
  expect(await exchanged(port, clear)).toContain('01010NES0032')
  expect(await exchanged(port, clear)).toContain('01010NON0000')
  child.kill('SIGTERM')
  expect(await ended).toBe(0)
})

test('a printer is reached by a link to a pseudo-terminal, and removes the link when it ends', async () => {
  const folder = removedLater(mkdtempSync(join(tmpdir(), 'simulate-')))
  const link = join(folder, 'printer')
  const { ready, child, ended } = await simulate('rt-custom', '--link', link, '--state', folder)
  expect(ready).toMatchObject({ device: { driver: 'rt-custom', serial: { path: link } }, state: folder })
  expect(existsSync(link)).toBe(true)
  child.kill('SIGINT')
  expect(await ended).toBe(0)
  expect(existsSync(link)).toBe(false)
})

function digitsOf(driver: string) {
  return async (name: string) => {
    if (name === 'secret') throw new Error('the factory')
    const isPuk = name.endsWith('uk')
    return '1234567890'.slice(0, driver === 'tse-cryptovision' ? (isPuk ? 10 : 8) : isPuk ? 6 : 5)
  }
}

/** As an agent with these settings makes it. */
async function driverOf(ready: Ready) {
  const settings = { id: 'tse-1', slot: 1, timeouts: { replyMs: 5000, longMs: 60_000 }, ...ready.device }
  const { unit } = await makeTse(settings as unknown as TseSettings, {
    clock: systemClock,
    directoryOf: () => ready.state,
    storeOf: () => {
      throw new Error('no store')
    },
    readSecret: (path) => readFile(path, 'utf8'),
    secretsOf: (_id, files) => {
      const made = digitsOf(ready.device.driver)
      return { read: (name) => (files[name] === undefined ? made(name) : readFile(files[name], 'utf8')), provide: made }
    },
  })
  return unit
}

for (const driver of Object.keys(vendorTses))
  test(`a ${driver} is ready for its driver with the printed settings, and fails as ordered`, async () => {
    const { ready, child, ended } = await simulate(driver)
    removedLater(ready.state)
    const unit = await driverOf(ready)
    await unit.open()
    await unit.initialise()
    await unit.registerClient('till-1')
    expect((await unit.start('till-1')).transaction).toBe(1)
    child.stdin.write('certificate-expired@start\n')
    await expect
      .poll(() =>
        unit.start('till-1').then(
          () => 'signed',
          (error: { code: string }) => error.code,
        ),
      )
      .toBe('certificate_expired')
    await unit.close()
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
  })

test('a ConnectBox lists an entry for each of its slots, and a fault of one affects no other', async () => {
  const { ready, child, ended } = await simulate('tse-diebold', '--slots', '2', '--port', '0')
  removedLater(ready.state)
  expect(ready.devices.map(({ slot }) => slot)).toEqual([1, 2])
  child.stdin.write('1:unplugged@*\n')
  const [one, two] = await Promise.all(ready.devices.map((device) => driverOf({ ...ready, device })))
  await two?.open()
  await two?.close()
  await expect.poll(() => one?.open().catch((error: { message: string }) => error.message)).toBe('no TSE is in slot 1')
  await one?.close()
  child.kill('SIGTERM')
  expect(await ended).toBe(0)
})

test('an option that a device does not know is refused with those that it takes, not passed over', async () => {
  const folder = removedLater(mkdtempSync(join(tmpdir(), 'simulate-')))
  const link = ['--link', join(folder, 'line')]
  const takes = async (...args: string[]) => (await fiskalEdge('simulate', ...args)).err
  expect(await takes('tse-epson', ...link)).toContain('tse-epson takes no --link; it takes --port,')
  expect(await takes('tse-epson', '--slots', '2')).toContain('tse-epson takes no --slots')
  expect(await takes('tse-cryptovision', '--port', '0')).toContain('tse-cryptovision takes no --port')
  expect(await takes('rt-custom', '--latency', '20')).toContain(
    'rt-custom takes no --latency; it takes --link, --port.',
  )
  expect(await takes('rt-rch', ...link, '--port', '0')).toContain('cannot be used with')
})

test('a closed terminal ends it in order', async () => {
  const folder = removedLater(mkdtempSync(join(tmpdir(), 'simulate-')))
  const link = join(folder, 'printer')
  const { child, ended } = await simulate('rt-rch', '--link', link, '--state', folder)
  child.kill('SIGHUP')
  expect(await ended).toBe(0)
  expect(existsSync(link)).toBe(false)
})

test('an unknown fault is refused with the known names', async () => {
  const { code, err } = await fiskalEdge('simulate', 'rt-epson', '--fault', 'nonsense')
  expect(code).toBe(1)
  expect(err).toMatch(/NAME one of lost-request, /)
})

test('the memory of a device is that of one process, so that two cannot continue the same numbers', async () => {
  const folder = removedLater(mkdtempSync(join(tmpdir(), 'simulate-')))
  const { child, ended } = await simulate('rt-rch', '--port', '0', '--state', folder)
  const second = await fiskalEdge('simulate', 'rt-rch', '--port', '0', '--state', folder)
  expect([second.code, second.err]).toEqual([1, expect.stringContaining(`Process ${child.pid} is the device`)])
  child.kill('SIGKILL')
  await ended
  const next = await simulate('rt-rch', '--port', '0', '--state', folder)
  next.child.kill('SIGINT')
  expect(await next.ended).toBe(0)
})

test('FinanzOnline answers on a port, names its account, takes faults and acts at the portal, and keeps its state', async () => {
  const folder = removedLater(mkdtempSync(join(tmpdir(), 'simulate-')))
  const { ready, child, ended } = await simulate('finanzonline', '--port', '0', '--state', folder)
  const { url, participant, user, pin, makerVatId, ...rest } = ready as unknown as Readonly<Record<string, string>>
  expect(rest).toEqual({ state: folder, pid: child.pid })
  expect({ participant, user, pin, makerVatId }).toEqual({
    participant: expect.stringMatching(/^[0-9A-Za-z]{8,12}$/),
    user: expect.stringMatching(/^.{5,12}$/),
    pin: expect.stringMatching(/^.{5,128}$/),
    makerVatId: expect.stringMatching(/^[0-9A-Za-z]{10,24}$/),
  })
  const answer = await fetch(`${url}/fonws/ws/session`, { method: 'POST', body: '<a/>' })
  expect([answer.status, await answer.text()]).toEqual([500, expect.stringContaining('ValidationError')])
  child.stdin.write('portal register-unit 2a91f3c4 AT1\n')
  const record = join(folder, 'record.jsonl')
  while (!existsSync(record)) await new Promise((resolve) => setImmediate(resolve))
  child.kill('SIGTERM')
  expect(await ended).toBe(0)
  expect(JSON.parse(await readFile(record, 'utf8'))).toMatchObject({ what: 'accepted', operation: 'registrierung_se' })
})
