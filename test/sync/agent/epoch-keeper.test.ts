// @module-tag heavy
import { expect, onTestFinished, test } from 'vitest'
import { EpochKeeper } from '../../../agent/sync/epoch-keeper.ts'
import { openJournal, temporaryDirectory } from '../../journal/temporary-journal.ts'
import { ManualClock } from '../../manual-clock.ts'

const ROLLBACK = {
  code: 'rollback',
  proof: { seq: 9, head: 'h'.repeat(43), cp: { alg: 'Ed25519', kid: '0123456789abcdef', sig: 's'.repeat(86) } },
} as const

test('an epoch that could not be begun is tried again while the target stays halted; one that was begun is not', async () => {
  const stateDirectory = await temporaryDirectory()
  const journal = await openJournal(stateDirectory)
  onTestFinished(() => journal.close())
  const told: string[] = []
  const tell = (_fields: object, message: string): void => void told.push(message)
  const clock = new ManualClock()
  let tries = 0
  const keeper = new EpochKeeper({
    stateDirectory,
    clock,
    log: { info: tell, warn: tell, error: tell },
    onEpoch: async () => void told.push('numbers set aside'),
    journal: {
      epoch: journal.epoch,
      chains: journal.chains,
      view: journal.view,
      read: (select) => journal.read(select),
      beginEpoch: async (note) => {
        const proof = { target: 'cloud', ...ROLLBACK.proof }
        expect(note).toEqual({ reason: 'rollback', target: 'cloud', proof, kept: 1, shown: 8 })
        tries += 1
        if (tries === 1) throw new Error('busy')
      },
    },
  })
  // A claim that nothing proves begins nothing.
  keeper.onHalt('cloud', { code: 'rollback' })
  keeper.onHalt('cloud', { code: 'sync_claim_unproven' })
  keeper.onHalt('cloud', ROLLBACK)
  await expect.poll(() => told.length).toBe(1)
  // The target stays where it is, and is not reported again.
  await clock.advance(15 * 60_000)
  await expect.poll(() => told.length).toBe(3)
  keeper.onHalt('cloud', ROLLBACK)
  await clock.advance(60 * 60_000)
  await keeper.stop()
  expect(tries).toBe(2)
  expect(told.slice(0, 2)).toEqual(['no new epoch could be begun', 'numbers set aside'])
})
