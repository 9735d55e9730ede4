import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../../base/clock.ts'
import { CardSimulator } from '../../../drivers/card-simulator/driver.ts'
import { describeCard } from '../../contracts/signature-card.ts'

describeCard('the simulator', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'card-simulator-'))
  const make = () => new CardSimulator({ directory, clock: systemClock })
  const card = make()
  return {
    card,
    reopen: async () => make(),
    pull: async () => card.inject('unplugged@*'),
    putBack: async () => card.clearFaults(),
    destroy: async () => {
      await card.close()
      await rm(directory, { recursive: true })
    },
  }
})
