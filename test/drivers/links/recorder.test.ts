import type { AddressInfo, Socket } from 'node:net'
import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { systemClock } from '../../../base/clock.ts'
import { DeviceError } from '../../../drivers/errors.ts'
import { makeLink } from '../../../drivers/links/make-link.ts'
import { once } from '../../waits.ts'

test('a line is recorded on arrival, with what its driver discards, and holds bytes back before they leave', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const lines: string[] = []
  const recorder = {
    opened: (how: string) => lines.push(`= ${how}`),
    sending: (bytes: Uint8Array) => {
      if (bytes[0] === 0x21) throw new DeviceError('refused', 'none', 'held back')
      lines.push(`> ${String(bytes)}`)
    },
    heard: (bytes: Uint8Array) => lines.push(`< ${String(bytes)}`),
    broke: (cause: string) => lines.push(`x ${cause}`),
  }
  const { port } = server.address() as AddressInfo
  const link = await makeLink({ tcp: { host: '127.0.0.1', port } }, {}, { clock: systemClock, recorder })
  const accepted = once(server, 'connection') as Promise<[Socket]>
  await link.connect()
  await link.connect()
  const [device] = await accepted
  let received = ''
  device.on('data', (bytes) => {
    received += bytes.toString('latin1')
    device.write('late')
  })
  await link.write(Buffer.from('?'))
  await expect.poll(() => lines.length).toBe(3)
  link.discard()
  await expect(link.write(Buffer.from('!'))).rejects.toMatchObject({ code: 'refused', effect: 'none' })
  expect(received).toBe('?')
  device.end()
  await expect.poll(() => link.connected).toBe(false)
  expect(lines).toEqual(['= tcp', '> ?', '< late', 'x closed by the device'])
  device.destroy()
  server.close()
})

test('a line of a recording answers without a device', async () => {
  const sent: string[] = []
  const recorder = {
    opened: () => undefined,
    sending: () => undefined,
    heard: () => undefined,
    broke: () => undefined,
    plays: (bytes: Uint8Array) => {
      if (bytes.length === 0) return [Buffer.from('hello ')]
      sent.push(Buffer.from(bytes).toString('latin1'))
      return [Buffer.from('one'), Buffer.from('two')]
    },
  }
  const link = await makeLink({ tcp: { host: 'far.example', port: 9 } }, {}, { clock: systemClock, recorder })
  await expect(link.write(Buffer.from('?'))).rejects.toMatchObject({ code: 'unavailable', effect: 'none' })
  await link.connect()
  await link.write(Buffer.from('?'))
  expect([sent, String(await link.read(1))]).toEqual([['?'], 'hello onetwo'])
  await link.close()
  await expect(link.read(1)).rejects.toMatchObject({ code: 'unavailable' })
})
