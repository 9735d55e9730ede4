// @module-tag heavy
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../../base/clock.ts'
import type { DeviceSecrets } from '../../../drivers/ports/secrets.ts'
import { CryptovisionTse } from '../../../drivers/tse-cryptovision/driver.ts'
import { CryptovisionSimulator } from '../../../drivers/tse-cryptovision/simulator.ts'
import { collect, listed, sell } from '../../contracts/tse-checks.ts'
import { verifyArchive } from '../../verified-archive.ts'

const digits: DeviceSecrets['provide'] = async (name, count) => (name.startsWith('admin') ? '1' : '2').repeat(count)
const secrets: DeviceSecrets = { read: (name) => digits(name, name.endsWith('Puk') ? 10 : 8), provide: digits }

test('a filtered archive that is too long for one piece is the same in portions', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'cv-'))
  const mount = join(directory, 'mount')
  const card = new CryptovisionSimulator({ directory: join(directory, 'card'), mount, clock: systemClock })
  await card.plugIn()
  const options = { id: 'tse-1', path: mount, secrets, clock: systemClock }
  const inOne = new CryptovisionTse(options)
  const inPortions = new CryptovisionTse({ ...options, gatheredBytesMax: 10_000 })
  onTestFinished(async () => {
    await inOne.close()
    await inPortions.close()
    await card.pullOut()
    await rm(directory, { recursive: true })
  })
  await inOne.open()
  await inOne.initialise()
  for (const client of ['till-1', 'till-2']) await inOne.registerClient(client)
  const first = await sell(inOne, 40)
  await inOne.setTime()
  await sell(inOne, 5, 'till-2')
  await inOne.setTime()
  await sell(inOne, 5)
  const filters = [
    { clientId: 'till-2' },
    { clientId: 'till-1' },
    { transactionFrom: first + 10, transactionTo: first + 47 },
    { transactionFrom: first + 42 },
    { timeFromMs: Date.UTC(2020, 0, 1) },
  ]
  for (const filter of filters) {
    const whole = await collect(inOne, filter)
    await inPortions.open()
    const portions = await collect(inPortions, filter)
    expect(await listed(portions), JSON.stringify(filter)).toEqual(await listed(whole))
    expect((await verifyArchive(portions, { filtered: true })).findings).toEqual([])
    await inOne.open()
  }
})
