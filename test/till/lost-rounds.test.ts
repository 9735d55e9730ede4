import { expect, test } from 'vitest'
import { LOST_MAX } from '../../agent/devices/lost-transactions.ts'
import type { DeviceSupervisor } from '../../agent/devices/supervisor.ts'
import { bodyOf } from '../../agent/journal/events.ts'
import type { LawRules } from '../../agent/laws/law.ts'
import { takeOverLost } from '../../agent/till/technician/adoption.ts'
import { systemClock } from '../../base/clock.ts'
import { openJournal, temporaryDirectory } from '../journal/temporary-journal.ts'

const COUNT = LOST_MAX + 25

test('more lost transactions than one round takes are journalled in several, each with the next number', async () => {
  const journal = await openJournal(await temporaryDirectory())
  const register = { id: 'reg_1', fiscal_device: 'tse-1', fiscalization: { client_id: 'till-1', regime: 'Law' } }
  const session = { id: 'ses_1', register: 'reg_1', set: { id: 'ses_1', register_id: 'reg_1', state: 'open' } }
  await journal.record(() => [
    { kind: 'register.created', op: 'reg_1', body: { index: { kind: 'register' }, set: register } },
    { kind: 'session.opened', op: 'op_1', body: { session } },
  ])
  const unit = {
    kind: 'tse',
    open: async () => undefined,
    identity: async () => ({ serial: 'unit' }),
    recall: async (number: number) => {
      if (number > COUNT) return undefined
      const log = { transaction: number, signatureCounter: 2 * number, logTimeMs: 0, signature: Buffer.alloc(64) }
      return { clientId: 'till-1', start: log, finish: { ...log, processType: '', processData: Buffer.alloc(0) } }
    },
  }
  const device = { id: 'tse-1', device: { unit } } as unknown as DeviceSupervisor
  const recovered = async () => ({ cash: 0, isMaybeCount: false })
  const orphans = { recovered, firstAfterDeletion: async () => undefined }
  const law = { facts: { name: 'Law', deviceKinds: ['tse'] }, orphans } as unknown as LawRules
  const rounds: boolean[] = []
  const { reported } = await takeOverLost(
    device,
    { journal, laws: [law], newId: (prefix) => `${prefix}_x`, clock: systemClock },
    {
      othersMax: 64,
      isOver: () => false,
      asidesFor: (_view, _found, isLast) => {
        rounds.push(isLast)
        return []
      },
      isUnlimited: () => false,
      withEnds: false,
      whenSkipped: () => [],
    },
  )
  expect(reported.map(({ receipt_number: number }) => number)).toEqual(Array.from({ length: COUNT }, (_, at) => at + 1))
  expect(rounds).toEqual([false, true])
  const events = journal.view.portionNaming('"transactions":', 1, journal.headSeq + 1).map(bodyOf)
  const named = events.flatMap(({ facts }) => (facts as { transactions: number[] }).transactions)
  expect(named.sort((a, b) => a - b)).toEqual(reported.map(({ transaction }) => transaction))
  await journal.close()
})
