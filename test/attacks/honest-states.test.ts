// @module-tag heavy
import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Register } from '../e2e/bench.ts'
import { Bench } from '../e2e/bench.ts'
import { completion } from '../e2e/client.ts'
import { FastClock } from '../e2e/fast-clock.ts'
import { event, goods, pay } from '../e2e/goods.ts'
import { closing, counted } from '../e2e/shift.ts'
import { verifyJournal } from '../verified-journal.ts'
import { matched, matchedWith } from './matched.ts'

// The acts and mishaps of shops. None of them may be called a manipulation: a false alarm is a failure.

function begin({ id, till }: Register, amount = '3.00') {
  return till.create(goods('sale', id, [[amount, '0.07']]))
}

async function sale(register: Register, amount = '3.00') {
  return register.till.complete(await begin(register, amount), [pay('cash', amount)])
}

/** The journal in itself, and against the memory of its TSE. */
async function judged(bench: Bench) {
  const { valid, books, codes } = await verifyJournal(bench.config.state)
  const report = await matched(bench)
  return { valid, books, codes: [...codes.map(({ code }) => code), ...report.codes], without: report.without.length }
}
const SOUND = { valid: true, books: 'consistent', codes: [], without: 0 }
/** A note: what the TSE was ahead by without a restore was set aside before a person took it over. */
const NUMBERS_TOLD = { ...SOUND, codes: ['bon_numbers_set_aside', 'z_numbers_set_aside'] }

test('a day with everything that is signed has no finding: sales, void, training, cash, drawer, count, close', async () => {
  await using bench = await Bench.open({ config: { dsfinvk: { exportDrawerOpenings: true } } })
  const register = await bench.till('50.00')
  const { id, till } = register
  const sold = await sale(register)
  await till.void(await begin(register))
  await till.create(event('void', id, { related_operation_id: sold.id }))
  const training = await till.create(goods('sale', id, [['9.00', '0.19']], { training: true }))
  await till.complete(training, [pay('cash', '9.00')])
  await till.create(event('session_cash_adjustment', id, { cash_amount: '-20.00' }))
  await till.post('/v1/cash-drawer-openings', { occurred_at: '2026-03-02T12:00:00Z', reason: 'Wechselgeld' })
  await counted(register, '30.00')
  await till.create(closing(register, '-5.00'))
  await till.create(event('session_open', id, { opening_balance_amount: '25.00' }))
  await sale(register)
  expect(await judged(bench)).toEqual(SOUND)
})

test('several registers that sell at the same moment on one TSE', async () => {
  await using bench = await Bench.open()
  const { locationId } = await bench.shop()
  const registers = [
    await bench.register(locationId),
    await bench.register(locationId),
    await bench.register(locationId),
  ]
  await Promise.all(
    registers.map(async (register) => {
      await register.till.create(event('session_open', register.id, { opening_balance_amount: '10.00' }))
      for (let count = 0; count < 4; count++) await sale(register)
    }),
  )
  expect(await judged(bench)).toEqual(SOUND)
})

test('lost answers, a lost request, an outage in the middle of a sale, and a stop while the TSE signs', async () => {
  await using bench = await Bench.open({ clock: new FastClock(10), config: { deadlineMs: 1000 } })
  const register = await bench.till('50.00')
  for (const fault of ['lost-answer@start', 'garbled@start', 'lost-request@start', 'lost-answer@finish']) {
    await bench.fault(fault)
    await sale(register)
  }
  const cut = await begin(register)
  await bench.fault('unplugged@finish')
  await register.till.complete(cut, [pay('cash', '3.00')])
  await sale(register)
  await bench.untilDevice('ready')
  const slow = await begin(register)
  await bench.fault('slow=3600000@finish')
  await register.till.call(completion(slow, [pay('cash', '3.00')]))
  await bench.restart()
  await bench.until(async () => (await register.till.read(slow.id)).fiscal.state !== 'pending')
  await bench.until(() => bench.agent.application.devices().every((device) => device['state'] === 'ready'))
  await bench.until(() => bench.journal().some(({ kind }) => kind === 'transaction.aborted'))
  expect(await judged(bench)).toEqual(SOUND)
})

test('a receipt that states an outage of the TSE, which the TSE secured anyway, is a note', async () => {
  await using bench = await Bench.open({ config: { deadlineMs: 500 } })
  const register = await bench.till('50.00')
  const open = await begin(register)
  await bench.fault('lost-answer@finish', 'unplugged@openTransactions#1+')
  expect((await register.till.complete(open, [pay('cash', '3.00')])).fiscal.state).toBe('pending')
  await bench.loseTse()
  await bench.agent.administration.retireTse('tse-1', 'Diebstahl')
  await bench.untilDevice('ready')
  // Found again years later, in a drawer.
  const former = await archiveOf(join(bench.config.state, 'devices', 'tse-1-lost'))
  const { codes, findings } = await matchedWith(bench, [former, await bench.exported('tse_tar')])
  expect(codes).toEqual(['tse_signed_in_outage', 'tse_client_foreign'])
  expect(findings).toMatchObject([{ level: 'note', transaction: 2 }, { level: 'note' }])
})

/** Copies the present journal; the returned function puts it back. */
async function keptJournal(bench: Bench): Promise<() => Promise<void>> {
  const [journal, copy] = [join(bench.config.state, 'journal.db'), join(bench.config.state, 'journal.copy')]
  await bench.restart(() => cp(journal, copy))
  return () => bench.restart(() => cp(copy, journal))
}

/** The archive of a unit that another agent finds in its own place. */
async function archiveOf(unit: string): Promise<Uint8Array> {
  await using other = await Bench.open()
  const place = join(other.config.state, 'devices', 'tse-1')
  await other.restart(async () => {
    await rm(place, { recursive: true })
    await cp(unit, place, { recursive: true })
  })
  await other.till('0.00')
  return await other.exported('tse_tar')
}

test("another owner's till on the same TSE is a note with its sales, not a finding", async () => {
  await using other = await Bench.open()
  const theirs = await other.till('0.00')
  await sale(theirs, '7.00')
  await other.stop()
  await using bench = await Bench.open()
  const unit = join('devices', 'tse-1')
  await bench.restart(async () => {
    await rm(join(bench.config.state, unit), { recursive: true })
    await cp(join(other.config.state, unit), join(bench.config.state, unit), { recursive: true })
  })
  await sale(await bench.till('50.00'))
  const { findings, codes } = await matched(bench)
  expect(codes).toEqual(['tse_client_foreign'])
  expect(findings).toMatchObject([{ level: 'note', facts: { client: theirs.clientId, count: 2, sum: '7.00' } }])
})

test('logs that were archived and deleted are read from the kept file, and missing without it', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  await sale(register)
  await bench.agent.administration.deviceAct('tse-1', { act: 'archive', deletes: true })
  await sale(register)
  expect(await judged(bench)).toEqual(SOUND)
})

test('an older journal that was put back and continued by adopting the later signatures of the TSE', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  await sale(register)
  const putBack = await keptJournal(bench)
  await sale(register, '4.00')
  await putBack()
  await bench.untilDevice('foreign')
  await bench.agent.administration.deviceAct('tse-1', 'adopt')
  await bench.untilDevice('ready')
  await sale(register, '5.00')
  expect(await judged(bench)).toEqual(NUMBERS_TOLD)
})

test('a basket that was open when the disk was lost: adoption records its start, which explains it and its later end', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  await sale(register)
  const putBack = await keptJournal(bench)
  await sale(register, '4.00')
  await begin(register, '9.00')
  await sale(register, '6.00')
  await putBack()
  await bench.untilDevice('foreign')
  const answer = await bench.agent.administration.deviceAct('tse-1', 'adopt')
  expect(answer).toMatchObject({
    lost_transactions: [
      { transaction: 3 },
      { transaction: 4, client: register.clientId, finished: null },
      { transaction: 5 },
    ],
  })
  await bench.untilDevice('ready')
  await bench.until(() => bench.journal().some(({ kind }) => kind === 'transaction.aborted'))
  const aborted = bench.journal().find(({ kind }) => kind === 'transaction.aborted')
  const { counter } = (JSON.parse(aborted?.body ?? '{}') as { facts: { counter: number } }).facts
  // The last that the journal has from the unit was signed by the abort.
  const compared = await bench.agent.administration.deviceAct('tse-1', 'compare')
  expect(JSON.stringify(compared)).toContain(`signature ${counter} in the journal`)
  await sale(register, '5.00')
  expect(await judged(bench)).toEqual(NUMBERS_TOLD)
})

test('only an open basket was lost with the disk: the agent ends it automatically, and adoption records its start', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  await sale(register)
  const putBack = await keptJournal(bench)
  await begin(register, '9.00')
  await putBack()
  await bench.until(() => bench.journal().some(({ kind }) => kind === 'transaction.aborted'))
  expect((await matched(bench)).codes).toEqual(['tse_start_unknown'])
  const adopt = () => bench.agent.administration.deviceAct('tse-1', 'adopt')
  expect(await adopt()).toMatchObject({
    state: 'ready',
    lost_transactions: [{ transaction: 3, client: register.clientId, receipt_number: null, finished: null }],
  })
  await sale(register, '5.00')
  expect(await judged(bench)).toEqual(SOUND)
  await expect(adopt()).rejects.toMatchObject({ code: 'unprocessable_entity' })
})

test('a unit that was lost and retired: the new one is compared, the old one is named with its signatures', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  await sale(register)
  const former = await bench.exported('tse_tar')
  await bench.loseTse()
  await bench.agent.administration.retireTse('tse-1', 'Diebstahl')
  await bench.untilDevice('ready')
  await sale(register)
  expect(await judged(bench)).toEqual({ ...SOUND, without: 1 })
  const present = await bench.exported('tse_tar')
  expect(await matchedWith(bench, [former, present])).toMatchObject({ codes: [], without: [] })
  // An archive that overlaps another one is not a second set of logs.
  expect(await matchedWith(bench, [former, former, present])).toMatchObject({ codes: [], without: [] })
})

test('an archive that is older than the journal: later logs are counted, and none is missing', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const archive = await bench.exported('tse_tar')
  await sale(register)
  await sale(register)
  expect(await matchedWith(bench, [archive])).toMatchObject({ codes: [], younger: 2 })
})
