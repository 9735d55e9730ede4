import { expect, onTestFinished, test } from 'vitest'
import { EpochKeeper } from '../../agent/replay/epoch-keeper.ts'
import { openJournal, temporaryDirectory } from '../journal/temporary-journal.ts'

test('an epoch that could not be begun is tried again at the next halt; one that was begun is not', async () => {
  const stateDirectory = await temporaryDirectory()
  const journal = await openJournal(stateDirectory)
  onTestFinished(() => journal.close())
  const told: string[] = []
  const tell = (_fields: object, message: string): void => void told.push(message)
  let tries = 0
  const keeper = new EpochKeeper({
    stateDirectory,
    log: { info: tell, warn: tell, error: tell },
    journal: {
      epoch: journal.epoch,
      beginEpoch: async () => {
        tries += 1
        if (tries === 1) throw new Error('busy')
      },
    },
  })
  for (let halts = 1; halts <= 3; halts += 1) {
    keeper.onHalt('cloud', 'rollback')
    await expect.poll(() => told.length).toBe(Math.min(halts, 2))
  }
  await keeper.stop()
  expect(tries).toBe(2)
  expect(told[0]).toBe('no new epoch could be begun')
})
