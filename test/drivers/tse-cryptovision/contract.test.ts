// @module-tag heavy
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DeviceSecrets } from '../../../drivers/ports/secrets.ts'
import { CryptovisionTse } from '../../../drivers/tse-cryptovision/driver.ts'
import { CryptovisionSimulator } from '../../../drivers/tse-cryptovision/simulator.ts'
import { describeTse } from '../../contracts/tse.ts'
import { patientClock } from '../../patient-clock.ts'

const MAX_OPEN_TRANSACTIONS = 12
const REPLY_MS = 1000
const secrets: DeviceSecrets = {
  read: async (name) => (name.startsWith('admin') ? '11111111' : '22222222'),
  provide: async (name, digits) => (name.startsWith('admin') ? '1' : '2').repeat(digits),
}

for (const firmware of ['462076 Dec 18 2019 00:11:50', '425545 May 02 2020 11:02:01'])
  describeTse(
    `a CryptoVision card with firmware ${firmware}`,
    { faults: true, replyMs: REPLY_MS, deregisters: false, refusesWhenBusy: false },
    async () => {
      const directory = await mkdtemp(join(tmpdir(), 'tse-cryptovision-'))
      const mount = join(directory, 'mount')
      const card = new CryptovisionSimulator({
        directory: join(directory, 'card'),
        mount,
        clock: patientClock,
        firmware,
        limits: { openTransactions: MAX_OPEN_TRANSACTIONS },
      })
      await card.plugIn()
      const make = () =>
        new CryptovisionTse({
          id: 'tse-1',
          path: mount,
          secrets,
          clock: patientClock,
          timeouts: { replyMs: REPLY_MS, longMs: 3000 },
        })
      const tse = make()
      return {
        tse,
        reopen: async () => make(),
        inject: (fault) => card.inject(fault),
        clearFaults: () => card.clearFaults(),
        unplug: () => card.pullOut(),
        plugIn: () => card.plugIn(),
        maxOpenTransactions: MAX_OPEN_TRANSACTIONS,
        destroy: async () => {
          await tse.close()
          await card.pullOut()
          await rm(directory, { recursive: true })
        },
      }
    },
  )
