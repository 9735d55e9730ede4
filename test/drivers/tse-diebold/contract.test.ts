import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../../agent/clock.ts'
import { SerialLink } from '../../../drivers/links/serial.ts'
import { TcpLink } from '../../../drivers/links/tcp.ts'
import type { DeviceSecrets } from '../../../drivers/ports/secrets.ts'
import { DieboldTse } from '../../../drivers/tse-diebold/driver.ts'
import { DieboldSimulator } from '../../../drivers/tse-diebold/simulator.ts'
import { describeTse } from '../../contracts/tse.ts'

const maxOpenTransactions = 12
const replyMs = 500
const secrets: DeviceSecrets = {
  read: async (name) => (name === 'adminPin' ? '12345' : '54321'),
  provide: async () => '',
}

for (const line of ['tcp', 'pty'] as const)
  describeTse(`a Diebold Nixdorf TSE over ${line}`, { faults: true, replyMs, refusesWhenBusy: false }, async () => {
    const directory = await mkdtemp(join(tmpdir(), 'tse-diebold-'))
    const simulator = new DieboldSimulator({
      directory: join(directory, 'unit'),
      clock: systemClock,
      limits: { openTransactions: maxOpenTransactions },
      talks: true,
    })
    const path = join(directory, 'tty')
    const port = line === 'tcp' ? await simulator.serveTcp(0) : await simulator.servePty(path).then(() => 0)
    const make = () =>
      new DieboldTse({
        id: 'tse-1',
        link:
          line === 'tcp'
            ? new TcpLink({ host: '127.0.0.1', port, clock: systemClock })
            : new SerialLink({ path, baudRate: 115_200, clock: systemClock }),
        slot: 1,
        secrets,
        clock: systemClock,
        timeouts: { replyMs, longMs: 3000 },
      })
    const tse = make()
    return {
      tse,
      reopen: async () => make(),
      inject: (fault) => simulator.inject(fault),
      clearFaults: () => simulator.clearFaults(),
      unplug: () => simulator.pullOut(),
      plugIn: () => simulator.plugIn(),
      maxOpenTransactions,
      destroy: async () => {
        await tse.close()
        await simulator.close()
        await rm(directory, { recursive: true })
      },
    }
  })
