// @module-tag heavy
import type { AddressInfo, Server, Socket } from 'node:net'
import { createServer } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Clock } from '../../../base/clock.ts'
import { systemClock } from '../../../base/clock.ts'
import { UsbLink } from '../../../drivers/links/usb.ts'
import { patientClock } from '../../patient-clock.ts'
import { once } from '../../waits.ts'
import { IDS, interfaceOf, socketsOf, standIn, withoutPackage } from './usb-stand-in.ts'

let server: Server
let port: number
let accepted: Promise<[Socket]>
let link: UsbLink
const sockets = socketsOf()

beforeEach(async () => {
  server = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
  accepted = once(server, 'connection') as Promise<[Socket]>
  sockets.plug('1-2', 5)
})
afterEach(async () => {
  await link.close()
  server.close()
  sockets.unplug('1-2')
})

function linkWith(clock: Clock): UsbLink {
  return new UsbLink({ ids: IDS, clock, sysfs: sockets.sysfs })
}

async function connected(clock: Clock = systemClock): Promise<Socket> {
  link = linkWith(clock)
  await link.connect()
  return (await accepted)[0]
}

/** Reads until that many bytes have arrived. */
async function readBytes(count: number): Promise<Buffer> {
  let all = Buffer.alloc(0)
  while (all.length < count) all = Buffer.concat([all, (await link.read(5000)) ?? Buffer.from('SILENCE')])
  return all
}

describe('a USB device without a tty', () => {
  test('takes and sends bytes; a reply that ends with a full packet arrives without another one', async () => {
    standIn({ port })
    const device = await connected()
    await link.write(Buffer.from('=K\r'))
    expect((await once(device, 'data'))[0].toString()).toBe('=K\r')
    for (const length of [1, 64, 128, 1000]) {
      const reply = Buffer.alloc(length, length % 256)
      device.write(reply)
      expect(await readBytes(length)).toEqual(reply)
    }
  })

  test('uses the printer interface, not the disk; without one a vendor interface, in its own setting', async () => {
    standIn({ port, interfaces: [interfaceOf(0, 8, 80), interfaceOf(1, 255, 0, 1)] })
    const device = await connected()
    await link.write(Buffer.from('x'))
    expect((await once(device, 'data'))[0].toString()).toBe('x')
  })

  test('with a disk, a network card or wrapped printing alone is refused with the remedy', async () => {
    standIn({
      port,
      interfaces: [interfaceOf(0, 8, 80), interfaceOf(1, 10, 0), interfaceOf(2, 7, 4), interfaceOf(3, 7, 3)],
    })
    link = linkWith(systemClock)
    await expect(link.connect()).rejects.toMatchObject({
      ...{ code: 'unavailable', effect: 'none', deviceCode: 'USB_NO_PIPE' },
      message: expect.stringContaining('serial emulation'),
    })
  })

  test('is taken from the driver of the kernel', async () => {
    standIn({ port, hasDriver: true })
    await connected()
    expect(link.connected).toBe(true)
  })

  test.each([
    ['USB_BUSY', 'stop the program', { isClaimed: true }],
    ['USB_ACCESS_DENIED', 'service install', { refusal: 'permission denied (errno 13)' }],
    ['USB_FAILED', 'failed to open', { refusal: 'failed to open device (errno 5)' }],
    ['USB_NOT_FOUND', 'was unplugged', { address: 6 }],
  ])('that cannot be opened is down with %s, and can be tried again', async (deviceCode, words, settings) => {
    standIn({ port, ...settings })
    link = linkWith(systemClock)
    const down = { code: 'unavailable', effect: 'none', deviceCode, message: expect.stringContaining(words) }
    await expect(link.connect()).rejects.toMatchObject(down)
    standIn({ port })
    await link.connect()
    expect(link.connected).toBe(true)
  })

  test('is down with a code and the remedy if the package is not installed', async () => {
    withoutPackage()
    link = linkWith(systemClock)
    await expect(link.connect()).rejects.toMatchObject({
      ...{ code: 'unavailable', effect: 'none', deviceCode: 'USB_MODULE_MISSING' },
      message: expect.stringContaining('npm ci'),
    })
  })
})

describe('a USB device that breaks off', () => {
  test('and is unplugged: its reader gets an error, the loss is reported once, and the next plug is another mark', async () => {
    standIn({ port })
    const device = await connected()
    let losses = 0
    link.onLost(() => losses++)
    const mark = await link.look()
    const reading = expect(link.read(60_000)).rejects.toMatchObject({ code: 'unavailable', effect: 'unknown' })
    device.destroy()
    await reading
    expect([link.connected, losses]).toEqual([false, 1])
    await expect(link.write(Buffer.from('x'))).rejects.toMatchObject({ code: 'unavailable', effect: 'none' })
    sockets.unplug('1-2')
    expect(await link.look()).toBeUndefined()
    await expect(link.connect()).rejects.toMatchObject({ message: expect.stringContaining('is not plugged in') })
    sockets.plug('1-2', 6)
    standIn({ port, address: 6 })
    expect(mark).toBe('1:5')
    expect(await link.look()).toBe('1:6')
    await link.connect()
    expect(link.connected).toBe(true)
  })

  test('while it is being opened is not left open', async () => {
    standIn({ port, isGone: true })
    link = linkWith(systemClock)
    await link.connect().catch(() => undefined)
    await expect.poll(() => link.connected).toBe(false)
    standIn({ port })
    await link.connect()
    expect(link.connected).toBe(true)
  })

  test('without an event of the package: a look at sysfs closes its line', async () => {
    standIn({ port })
    await connected()
    sockets.unplug('1-2')
    expect(await link.look()).toBeUndefined()
    expect(link.connected).toBe(false)
    sockets.plug('1-2', 6)
  })

  test('and takes no bytes within 5 s: its process is killed, the outcome is unknown', async () => {
    standIn({ port, isStuck: true })
    const due: (() => void)[] = []
    // The deadline of a write comes at once, once it is asked for.
    const clock: Clock = {
      now: () => patientClock.now(),
      mono: () => patientClock.mono(),
      after: (ms, act) => {
        if (ms === 5000) due.push(act)
        return patientClock.after(ms * 10, act)
      },
    }
    await connected(clock)
    due.length = 0
    const writing = expect(link.write(Buffer.from('x'))).rejects.toMatchObject({
      code: 'unavailable',
      effect: 'unknown',
    })
    await expect.poll(() => due.length).toBe(1)
    due[0]?.()
    await writing
    expect(link.connected).toBe(false)
  })

  test.each([
    ['ends its process', { crashes: true }],
    ['takes a part of the bytes', { takesAtMost: 2 }],
  ])('and %s: the write is unknown and the line closed', async (_what, settings) => {
    standIn({ port, ...settings })
    await connected()
    const lost = new Promise<void>((resolve) => link.onLost(resolve))
    await expect(link.write(Buffer.from('four'))).rejects.toMatchObject({ code: 'unavailable', effect: 'unknown' })
    await lost
    expect(link.connected).toBe(false)
  })

  test('and sends more than can be read loses its line; on the next one it is read again', async () => {
    standIn({ port })
    const device = await connected()
    const lost = new Promise<void>((resolve) => link.onLost(resolve))
    device.write(Buffer.alloc(3_000_000))
    await lost
    accepted = once(server, 'connection') as Promise<[Socket]>
    await link.connect()
    const [next] = await accepted
    next.write('ready')
    expect(await readBytes(5)).toEqual(Buffer.from('ready'))
    device.destroy()
  })

  test('while two want it and one closes it: no process is left', async () => {
    standIn({ port })
    link = linkWith(systemClock)
    await Promise.all([link.connect(), link.connect()])
    const [device] = await accepted
    const ended = once(device, 'close')
    device.resume()
    await link.close()
    const connecting = link.connect()
    await link.close()
    await connecting
    await ended
    expect(link.connected).toBe(false)
  })
})
