import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TseSimulator } from '../../../drivers/tse-simulator/driver.ts'
import { describeTse } from '../../contracts/tse.ts'
import { patientClock } from '../../patient-clock.ts'

const MAX_OPEN_TRANSACTIONS = 12
const REPLY_MS = 1000

for (const curve of ['P-256', 'brainpoolP384r1'] as const)
  describeTse(`the simulator on ${curve}`, { faults: true, replyMs: REPLY_MS }, async () => {
    const directory = await mkdtemp(join(tmpdir(), 'tse-simulator-'))
    const limits = { openTransactions: MAX_OPEN_TRANSACTIONS }
    const make = () => new TseSimulator({ directory, curve, clock: patientClock, replyMs: REPLY_MS, limits })
    const tse = make()
    return {
      tse,
      reopen: async () => make(),
      inject: (fault) => tse.inject(fault),
      clearFaults: () => tse.clearFaults(),
      maxOpenTransactions: MAX_OPEN_TRANSACTIONS,
      destroy: async () => {
        await tse.close()
        await rm(directory, { recursive: true })
      },
    }
  })
