import type { AddressInfo, Socket } from 'node:net'
import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { systemClock } from '../../../base/clock.ts'
import { TcpLink } from '../../../drivers/links/tcp.ts'
import { once } from '../../waits.ts'

test('an answer that came while the process was blocked is accepted after the wait for it', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const link = new TcpLink({ host: '127.0.0.1', port, clock: systemClock })
  const accepted = once(server, 'connection') as Promise<[Socket]>
  await link.connect()
  const [device] = await accepted
  const answer = link.read(20)
  device.write('ready')
  // A disk that takes its time for a sync: the timer of the wait is due before the bytes are read.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
  expect((await answer)?.toString()).toBe('ready')
  expect(await link.read(20)).toBeUndefined()
  await link.close()
  device.destroy()
  server.close()
})

test('a device that sends more than the agent reads loses its connection; the next one works again', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const link = new TcpLink({ host: '127.0.0.1', port, clock: systemClock })
  const accepted = once(server, 'connection') as Promise<[Socket]>
  await link.connect()
  const [babbler] = await accepted
  babbler.on('error', () => undefined)
  babbler.write(Buffer.alloc(3_000_000))
  await expect.poll(() => link.connected).toBe(false)
  const again = once(server, 'connection') as Promise<[Socket]>
  await link.connect()
  const [device] = await again
  device.write('ready')
  expect((await link.read(2000))?.toString()).toBe('ready')
  await link.close()
  for (const socket of [babbler, device]) socket.destroy()
  server.close()
})

test('a line that is closed while it is being connected, or that two want at once, leaves no connection behind', async () => {
  const sockets: Socket[] = []
  const server = createServer((socket) => sockets.push(socket.resume())).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const link = new TcpLink({ host: '127.0.0.1', port, clock: systemClock })
  await Promise.all([link.connect(), link.connect()])
  await link.close()
  const connecting = link.connect()
  await link.close()
  await connecting
  expect(link.connected).toBe(false)
  await expect.poll(() => sockets.map(({ readableEnded }) => readableEnded)).toEqual([true, true])
  server.close()
})
