// @module-tag heavy
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { DeviceSupervisor } from '../../../../agent/devices/supervisor.ts'
import type { MemoryPolicy } from '../../../../agent/laws/germany/memory/tse-memory.ts'
import { TseMemory } from '../../../../agent/laws/germany/memory/tse-memory.ts'
import { rfc3339, systemClock } from '../../../../base/clock.ts'
import { DeviceError } from '../../../../drivers/errors.ts'
import { TseSimulator } from '../../../../drivers/tse-simulator/driver.ts'
import { sell } from '../../../contracts/tse-checks.ts'
import { openJournal, temporaryDirectory } from '../../../journal/temporary-journal.ts'

/** A TSE of 30 KB, some hundred logs, and what looks after its memory. */
async function watched(policy: MemoryPolicy) {
  const folder = await temporaryDirectory()
  const journal = await openJournal(folder)
  const unit = new TseSimulator({
    directory: join(folder, 'unit'),
    clock: systemClock,
    limits: { memoryBytes: 30_000 },
  })
  const device = new DeviceSupervisor({
    device: { id: 'tse-1', driver: 'tse-simulator', unit, load: () => unit.load() },
    clock: systemClock,
    enrolledSerial: () => undefined,
    onChange: () => undefined,
    onHealthy: () => undefined,
  })
  const errors: unknown[] = []
  const memory = new TseMemory({
    ...{ journal, clock: systemClock, policy, hasRoom: () => true, directory: join(folder, 'archives') },
    ...{ onError: (error: unknown) => void errors.push(error), fault: () => undefined },
  })
  const kinds = (): string[] => journal.view.portionAfter(0, 100).map(({ kind }) => kind)
  onTestFinished(async () => {
    await memory.stop()
    await device.close()
    await journal.close()
  })
  await unit.registerClient('till-1')
  return {
    ...{ folder, unit, errors, journal, memory, device },
    kinds: () => kinds().filter((kind) => kind.startsWith('tse.')),
    /** As after a health check; until nothing more is done. */
    look: async () => {
      await device.connect()
      memory.look(device)
      await memory.idle()
    },
  }
}

test('at its level a TSE is archived once, and again when more has come in; nothing is deleted automatically', async () => {
  const { unit, look, kinds, errors } = await watched({ archiveAtPercent: 50 })
  await sell(unit, 10)
  await look()
  expect(kinds()).toEqual([])
  await sell(unit, 30)
  await look()
  await look()
  expect(kinds()).toEqual(['tse.archived'])
  await sell(unit, 10)
  await look()
  expect([kinds(), errors]).toEqual([['tse.archived', 'tse.archived'], []])
  expect((await unit.recall(1))?.finish).toBeDefined()
})

test('if the configuration requires it a full TSE is archived and emptied, again and again', async () => {
  const { unit, look, kinds, errors } = await watched({ archiveAtPercent: 50, deleteAtPercent: 60 })
  for (let rounds = 0; rounds < 3; rounds += 1) {
    await sell(unit, 45)
    await look()
  }
  expect(kinds()).toEqual(Array.from({ length: 3 }, () => ['tse.deletion_intended', 'tse.deleted']).flat())
  expect(errors).toEqual([])
  expect((await unit.health()).memoryUsedPercent).toBeLessThan(10)
})

test('a deletion that cannot be made now is tried again an hour later, not at each look', async () => {
  const { unit, look, kinds, errors } = await watched({ archiveAtPercent: 50, deleteAtPercent: 60 })
  await sell(unit, 45)
  unit.inject('memory-full@delete#*')
  await look()
  await look()
  expect(kinds()).toEqual(['tse.deletion_intended', 'tse.deletion_failed'])
  expect(errors).toMatchObject([{ code: 'memory_full' }])
})

test('a journal that cannot be read is reported, and proves nothing against the TSE', async () => {
  const { unit, journal, memory, device, errors } = await watched({ archiveAtPercent: 50 })
  await sell(unit, 40)
  await device.connect()
  const broken = Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_READ' })
  journal.view.tse = () => {
    throw broken
  }
  memory.look(device)
  expect([errors, device.state]).toEqual([[broken], 'ready'])
})

test('a stop waits for no act whose outcome a deletion waits for', async () => {
  const { unit, journal, memory, device, kinds, errors } = await watched({ archiveAtPercent: 50, deleteAtPercent: 60 })
  await sell(unit, 45)
  const act = { device: 'tse-1', name: 'start', client: 'till-1' }
  await journal.commit('intent', () => ({
    events: [{ kind: 'act.intended', op: 'op_1', body: { plan: { goal: 'open', status: 201 }, act } }],
    result: undefined,
  }))
  await device.connect()
  const asked = new Promise<void>((resolve) => {
    const { everyIntent } = journal.view
    journal.view.everyIntent = () => {
      resolve()
      return everyIntent.call(journal.view)
    }
  })
  memory.look(device)
  await asked
  await memory.stop()
  expect([kinds(), errors]).toMatchObject([[], [{ code: 'reconciling' }]])
})

test('a deletion without an answer is not reconciled by another unit that replaced it', async () => {
  const { folder, unit, look, kinds, errors } = await watched({ archiveAtPercent: 50, deleteAtPercent: 60 })
  const other = new TseSimulator({ directory: join(folder, 'other'), clock: systemClock })
  await sell(unit, 45)
  unit.archiveAndDelete = async (keep) => {
    await keep(unit.exportLogs({}))
    unit.open = () => other.open()
    unit.identity = () => other.identity()
    unit.recall = (transaction) => other.recall(transaction)
    throw new DeviceError('timeout', 'unknown', 'no answer in time')
  }
  await look()
  expect(kinds()).toEqual(['tse.deletion_intended'])
  expect(errors).toMatchObject([{ code: 'foreign' }])
  await other.close()
})

/** A transaction that the journal adopted with its start, still open on the unit. */
async function adoptedOpen({ unit, journal }: Awaited<ReturnType<typeof watched>>): Promise<number> {
  const { transaction, logTimeMs, signatureCounter, signature } = await unit.start('till-1')
  const { serial } = await unit.identity()
  const started = {
    log_time: rfc3339(logTimeMs),
    signature_counter: signatureCounter,
    signature: Buffer.from(signature).toString('base64'),
  }
  const none = { finished: null, process_type: null, process_data: null, receipt_number: null }
  const facts = { transaction, register_id: 'reg_1', client: 'till-1', serial, started, ...none }
  await journal.record(() => [
    {
      kind: 'transaction.lost',
      op: '',
      body: { facts, transaction: { device: 'tse-1', number: transaction, state: 'open' } },
    },
  ])
  return transaction
}

test('a full TSE is emptied by the policy while a transaction is open whose start the journal has', async () => {
  const parts = await watched({ archiveAtPercent: 50, deleteAtPercent: 60 })
  const transaction = await adoptedOpen(parts)
  await sell(parts.unit, 45)
  await parts.look()
  expect([parts.kinds(), parts.errors]).toEqual([['tse.deletion_intended', 'tse.deleted'], []])
  expect(await parts.unit.openTransactions()).toEqual([transaction])
  expect((await parts.unit.recall(transaction))?.start).toBeUndefined()
})

test('the policy deletes nothing while a transaction is open whose start the journal does not have', async () => {
  const { unit, look, kinds, errors } = await watched({ archiveAtPercent: 50, deleteAtPercent: 60 })
  const { transaction } = await unit.start('till-1')
  await sell(unit, 45)
  await look()
  expect(kinds()).toEqual([])
  expect(errors).toMatchObject([{ code: 'unprocessable_entity', details: { transactions: [transaction] } }])
  expect((await unit.recall(transaction))?.start).toBeDefined()
})

test('a TSE that refuses the policy because of an open transaction is recorded until it deletes', async () => {
  const parts = await watched({ archiveAtPercent: 50, deleteAtPercent: 60 })
  const { unit, journal, memory, device, look, kinds, errors } = parts
  await adoptedOpen(parts)
  await sell(unit, 45)
  unit.inject('refuse-open@delete#*')
  await look()
  const refusal = async () => journal.view.tse((await unit.identity()).serial)?.shown['deletion_refused']
  expect(kinds()).toEqual(['tse.deletion_intended', 'tse.deletion_failed'])
  expect(errors).toMatchObject([{ code: 'open_operations' }])
  expect(await refusal()).toEqual({ at: expect.any(String), open: 1 })
  unit.clearFaults()
  await memory.archive(device, true)
  expect(await refusal()).toBeNull()
})
