import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { isAddressAway, tryAddress } from '../../agent/process/address.ts'

const refusal = (host: string, port = 0): Promise<unknown> =>
  tryAddress({ host, port }).catch((error: unknown) => error)

test('an address that the machine does not have yet, a name that nobody knows yet and a taken port may come by themselves', async () => {
  const holder = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void holder.close())
  await once(holder, 'listening')
  const { port } = holder.address() as AddressInfo
  // RFC 5737, RFC 6761: nobody's address, nobody's name.
  for (const refused of [await refusal('192.0.2.1'), await refusal('kasse.invalid'), await refusal('127.0.0.1', port)])
    expect(isAddressAway(refused)).toBe(true)
})

test('a free address is left free, and what else is in the way is not waited for', async () => {
  const holder = createServer().listen(0, '127.0.0.1')
  await once(holder, 'listening')
  const { port } = holder.address() as AddressInfo
  holder.close()
  await once(holder, 'close')
  for (let round = 0; round < 3; round++) expect(await refusal('127.0.0.1', port)).toBeUndefined()
  expect(isAddressAway(Object.assign(new Error('listen EACCES'), { code: 'EACCES', syscall: 'listen' }))).toBe(false)
})
