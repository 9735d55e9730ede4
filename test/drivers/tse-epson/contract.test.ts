// @module-tag heavy
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DeviceError } from '../../../drivers/errors.ts'
import { TcpLink } from '../../../drivers/links/tcp.ts'
import type { DeviceSecrets } from '../../../drivers/ports/secrets.ts'
import { EpsonTse } from '../../../drivers/tse-epson/driver.ts'
import { EpsonSimulator } from '../../../drivers/tse-epson/simulator.ts'
import { describeTse } from '../../contracts/tse.ts'
import { patientClock } from '../../patient-clock.ts'

const MAX_OPEN_TRANSACTIONS = 12
const REPLY_MS = 500
const pins: Readonly<Record<string, string>> = { puk: '123456', adminPin: '12345', timeAdminPin: '54321' }

async function secretOf(name: string): Promise<string> {
  const secret = pins[name]
  if (secret === undefined) throw new DeviceError('not_authorised', 'none', `no ${name}`)
  return secret
}
const secrets: DeviceSecrets = { read: secretOf, provide: secretOf }

describeTse(
  'an Epson TSE behind its host',
  { faults: true, replyMs: REPLY_MS, exportsBesideSales: false, deletesApart: false },
  async () => {
    const directory = await mkdtemp(join(tmpdir(), 'tse-epson-'))
    await mkdir(join(directory, 'driver'))
    const simulator = new EpsonSimulator({
      directory: join(directory, 'unit'),
      clock: patientClock,
      limits: { openTransactions: MAX_OPEN_TRANSACTIONS },
    })
    const port = await simulator.serveTcp(0)
    const link = new TcpLink({ host: '127.0.0.1', port, clock: patientClock })
    const make = (over = new TcpLink({ host: '127.0.0.1', port, clock: patientClock })) =>
      new EpsonTse({
        id: 'tse-1',
        link: over,
        directory: join(directory, 'driver'),
        secrets,
        clock: patientClock,
        timeouts: { replyMs: REPLY_MS, longMs: 3000 },
      })
    const tse = make(link)
    return {
      tse,
      reopen: async () => make(),
      inject: (fault) => simulator.inject(fault),
      clearFaults: () => simulator.clearFaults(),
      unplug: async () => {
        await simulator.pullOut()
        while (link.connected) await new Promise((resolve) => setImmediate(resolve))
      },
      plugIn: () => simulator.plugIn(),
      maxOpenTransactions: MAX_OPEN_TRANSACTIONS,
      destroy: async () => {
        await tse.close()
        await simulator.close()
        await rm(directory, { recursive: true })
      },
    }
  },
)
