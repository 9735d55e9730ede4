import { spawn } from 'node:child_process'
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../../base/clock.ts'
import { holderOf } from '../../../drivers/links/port-holder.ts'
import { linkTo, openPty, unlink } from '../../../drivers/links/pty.ts'
import { SerialLink } from '../../../drivers/links/serial.ts'
import { once } from '../../waits.ts'

let directory: string
let path: string
let device: Awaited<ReturnType<typeof openPty>>
let link: SerialLink

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'serial-'))
  path = join(directory, 'port')
  device = await openPty(systemClock)
  await linkTo(device.path, path)
  link = new SerialLink({ path, baudRate: 9600, clock: systemClock })
})
afterEach(async () => {
  await link.close()
  await device.end()
  await rm(directory, { recursive: true })
})

const everyByte = Buffer.from(Array.from({ length: 256 }, (_, value) => value))

/** Reads a line until so many bytes have arrived. */
async function readAll(count: number): Promise<Buffer> {
  let bytes = Buffer.alloc(0)
  while (bytes.length < count) {
    const chunk = await link.read(2000)
    if (!chunk) break
    bytes = Buffer.concat([bytes, chunk])
  }
  return bytes
}

describe('a serial line', () => {
  test('carries every byte in both directions', async () => {
    await link.connect()
    const received = new Promise<Buffer>((resolve) => {
      let bytes = Buffer.alloc(0)
      device.listen((chunk) => {
        bytes = Buffer.concat([bytes, chunk])
        if (bytes.length === everyByte.length) resolve(bytes)
      })
    })
    await link.write(everyByte)
    expect(await received).toEqual(everyByte)
    device.write(everyByte)
    expect(await readAll(everyByte.length)).toEqual(everyByte)
  })

  test('is closed if the device sends more than the agent reads, and can be opened again', async () => {
    await link.connect()
    device.write(Buffer.alloc(2_000_000))
    await expect.poll(() => link.connected).toBe(false)
    await link.connect()
    expect(link.connected).toBe(true)
  })

  test('carries more than it takes at once, complete and in order', async () => {
    await link.connect()
    const long = Buffer.alloc(200_000, everyByte)
    const received = new Promise<Buffer>((resolve) => {
      const chunks: Buffer[] = []
      let count = 0
      device.listen((chunk) => {
        chunks.push(chunk)
        count += chunk.length
        if (count === long.length) resolve(Buffer.concat(chunks))
      })
    })
    await link.write(long)
    expect((await received).equals(long)).toBe(true)
  })

  test('has one owner', async () => {
    await link.connect()
    const other = new SerialLink({ path, baudRate: 9600, clock: systemClock })
    await expect(other.connect()).rejects.toMatchObject({
      code: 'unavailable',
      effect: 'none',
      message: expect.stringContaining(`${path} is used by process ${process.pid} (`),
    })
  })

  test('that another program uses exclusively is reported with the name of that program', async () => {
    const held = join(dirname(path), 'held')
    await writeFile(held, '')
    const holder = spawn('flock', [held, 'sh', '-c', 'echo held; exec sleep 60'], { detached: true })
    await once(holder.stdout, 'data')
    expect(await holderOf(held)).toBe(`process ${holder.pid} (flock)`)
    process.kill(-Number(holder.pid), 'SIGKILL')
    await once(holder, 'close')
    expect(await holderOf(held)).toBeUndefined()
  })

  test('is opened once by two who want it at once', async () => {
    await Promise.all([link.connect(), link.connect()])
    expect(link.connected).toBe(true)
  })

  test('that is closed while it is being opened is left to others', async () => {
    const opening = link.connect()
    await link.close()
    await opening
    expect(link.connected).toBe(false)
    const other = new SerialLink({ path, baudRate: 9600, clock: systemClock })
    await other.connect()
    await other.close()
  })

  test('is closed when close returns, also for a second caller, and can be opened at once', async () => {
    await link.connect()
    void link.close()
    await link.close()
    const other = new SerialLink({ path, baudRate: 9600, clock: systemClock })
    await other.connect()
    await other.close()
    await link.connect()
    void link.close()
    await link.connect()
    expect(link.connected).toBe(true)
  })

  test('a device that is pulled out ends the wait, and is found again under the same name', async () => {
    await link.connect()
    const waiting = expect(link.read(10_000)).rejects.toMatchObject({ code: 'unavailable', effect: 'unknown' })
    await unlink(path)
    await device.end()
    await waiting
    expect(link.connected).toBe(false)
    await expect(link.write(everyByte)).rejects.toMatchObject({ code: 'unavailable', effect: 'none' })
    await expect(link.connect()).rejects.toMatchObject({ code: 'unavailable', effect: 'none' })
    device = await openPty(systemClock)
    await linkTo(device.path, path)
    await link.connect()
    device.write(Buffer.from('back'))
    expect((await readAll(4)).toString()).toBe('back')
  })

  test('a name that leads to another node by now is noticed after a silence', async () => {
    await link.connect()
    await link.check()
    expect(link.connected).toBe(true)
    const next = await openPty(systemClock)
    try {
      await linkTo(next.path, path)
      expect(await realpath(path)).toBe(next.path)
      await link.check()
      expect(link.connected).toBe(false)
    } finally {
      await next.end()
    }
  })

  test('silence is reported after its timeout, and a wait can be cancelled', async () => {
    await link.connect()
    expect(await link.read(20)).toBeUndefined()
    const giveUp = new AbortController()
    const waiting = link.read(10_000, giveUp.signal)
    giveUp.abort()
    await expect(waiting).rejects.toMatchObject({ code: 'aborted' })
  })
})
