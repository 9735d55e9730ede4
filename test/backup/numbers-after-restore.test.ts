import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Register } from '../e2e/bench.ts'
import { Bench } from '../e2e/bench.ts'
import type { Members } from '../e2e/client.ts'
import { event, goods, sell } from '../e2e/goods.ts'
import { closing, counted } from '../e2e/shift.ts'
import { heavy } from '../tags.ts'
import { verifyJournal } from '../verified-journal.ts'
import {
  asidesOf,
  bonsOf,
  close,
  keyed,
  lastReceiptOf,
  numberOf,
  packageOf,
  restored,
  shopSale,
} from './restored-shop.ts'

test(
  'the first start after a restore numbers lost receipts by their signatures, and sets aside the rest of the day',
  heavy(),
  async () => {
    await using bench = await Bench.open()
    const register = await bench.till()
    const { shop, folder, state, ...moved } = await restored(bench, register, {
      lose: async (till) => {
        await sell(till, '2.00')
        await sell(till, '3.00')
        await till.till.create(goods('sale', till.id, [['9.00', '0.07']]))
        await sell(till, '4.00')
      },
    })
    await using _ = shop
    expect(await shop.office.list('/v1/devices')).toMatchObject([{ state: 'ready' }])
    const next = await sell(moved.register, '5.00')
    expect(next.fiscal).toMatchObject({ state: 'succeeded' })
    expect(numberOf(next)).toBe(1003)
    // A receipt that was printed without the unit has one of these.
    const aside = { register_id: register.id, why: 'restore' }
    expect(asidesOf(shop)).toEqual([
      { ...aside, kind: 'z', from: 1, to: 1000 },
      { ...aside, kind: 'bon', from: 5, to: 1001 },
    ])
    await close(moved.register, '64.00')
    const bons = bonsOf(await packageOf(shop, folder))
    expect(bons.map(({ bon }) => bon)).toEqual([1, 2, 3, 4, 1002, 1003, 1004])
    expect(bons[1]?.note).toContain('übernommen aus der TSE; Nummer nach der Folge der Signaturen')
    expect(bons[4]).toMatchObject({ type: '"AVBelegabbruch"' })
    // Once for this epoch: a later start asks for nothing.
    const events = shop.journal().length
    await shop.restart()
    expect(
      shop
        .journal()
        .slice(events)
        .some(({ kind }) => kind === 'tse.adopted'),
    ).toBe(false)
    await shop.stop()
    expect(await verifyJournal(state)).toMatchObject({ valid: true, projections: 'equal' })
  },
)

test(
  'a lost closing keeps its Z number: those of the day are set aside, and the package names them',
  heavy(),
  async () => {
    await using bench = await Bench.open()
    const register = await bench.till()
    await sell(register, '1.00')
    const { shop, folder, state, ...moved } = await restored(bench, register, {
      lose: async (till) => {
        await sell(till, '2.00')
        await close(till, '53.00')
        await till.till.create(event('session_open', till.id, { opening_balance_amount: '53.00' }))
        await sell(till, '3.00')
      },
    })
    await using _ = shop
    expect(asidesOf(shop)).toEqual([
      { register_id: register.id, kind: 'z', from: 1, to: 1000, why: 'restore' },
      { register_id: register.id, kind: 'bon', from: 7, to: 1002, why: 'restore' },
    ])
    const next = await sell(moved.register, '5.00')
    expect(numberOf(next)).toBe(1003)
    const { expected_closing_amount: expected } = (await counted(moved.register, '0.00')) as Members
    expect(expected).toBe('114.00')
    await moved.register.till.create(closing(moved.register, '0.00'))
    const bons = bonsOf(await packageOf(shop, folder))
    expect(new Set(bons.map(({ z }) => z))).toEqual(new Set([1001]))
    expect(bons[0]?.note).toMatch(/^"Z 1–1000 nach Wiederherstellung nicht vergeben; op=/)
    await shop.stop()
    const report = await verifyJournal(state)
    expect(report).toMatchObject({ valid: true, projections: 'equal' })
    expect(report.codes).toMatchObject([
      { code: 'z_numbers_set_aside', level: 'note' },
      { code: 'bon_numbers_set_aside', level: 'note' },
    ])
  },
)

test(
  'without the unit 1,000 receipt numbers are set aside for each day since the backup, and the package names them',
  heavy(),
  async () => {
    await using bench = await Bench.open()
    const register = await bench.till()
    await sell(register, '1.00')
    const { shop, folder, state, ...moved } = await restored(bench, register, {
      devices: [],
      lose: (till) => sell(till, '2.00'),
    })
    await using _ = shop
    expect(asidesOf(shop)).toEqual([
      { register_id: register.id, kind: 'bon', from: 3, to: 1002, why: 'restore' },
      { register_id: register.id, kind: 'z', from: 1, to: 1000, why: 'restore' },
    ])
    await sell(moved.register, '5.00')
    await close(moved.register, '56.00')
    const bons = bonsOf(await packageOf(shop, folder))
    expect(bons.map(({ z, bon }) => [z, bon])).toEqual([
      [1001, 1],
      [1001, 2],
      [1001, 1003],
      [1001, 1004],
    ])
    expect(bons[2]?.note).toMatch(/^"Nummern 3–1002 nach Wiederherstellung nicht vergeben; op=/)
    await shop.restart()
    expect(asidesOf(shop)).toHaveLength(2)
    await shop.stop()
    const report = await verifyJournal(state)
    expect(report).toMatchObject({ valid: true, projections: 'equal' })
    expect(report.codes.map(({ code }) => code)).toEqual(['bon_numbers_set_aside', 'z_numbers_set_aside'])
  },
)

test(
  'a unit that does not answer is waited for, 2 minutes at most, and a person continues with it later',
  heavy(),
  async () => {
    await using bench = await Bench.open()
    const register = await bench.till()
    const absent = { id: 'tse-1', driver: 'tse-cryptovision', path: '/media/none' }
    const { shop, folder, state, ...moved } = await restored(bench, register, {
      devices: [absent],
      lose: (till) => sell(till, '2.00'),
    })
    await using _ = shop
    expect(shop.lines.map(({ message }) => message)).toContainEqual(expect.stringMatching(/^waits for tse-1/))
    await shopSale(moved.register)
    expect(lastReceiptOf(shop)).toBe(1002)
    await shop.stop()
    // The unit is back: what it signed follows with the next numbers, and names those of its paper.
    const devices = join(state, 'devices')
    await cp(join(bench.config.state, 'devices'), devices, { recursive: true })
    await using back = await Bench.open({ config: { state } })
    await back.untilDevice('foreign')
    expect(await back.agent.administration.deviceAct('tse-1', 'adopt')).toMatchObject({
      lost_transactions: [{ receipt_number: 1003, paper_numbers: { from: 2, to: 1001 } }],
    })
    expect(asidesOf(back)).toHaveLength(2)
    await close(keyed(back, register), '57.00')
    const bons = bonsOf(await packageOf(back, folder))
    expect(bons[2]?.note).toContain('übernommen aus der TSE; auf Papier eine der Nummern 2–1001')
  },
)

test(
  'the last number on paper, read by a person, gives receipts theirs back; else it is set aside',
  heavy(),
  async () => {
    await using bench = await Bench.open()
    const register = await bench.till()
    const lose = async (till: Register) => {
      await sell(till, '2.00')
      await sell(till, '3.00')
    }
    const read = (number: number) => (id: string) => ({
      lastNumbers: { receipts: { [id]: number }, closings: { [id]: 4 } },
    })
    const exact = await restored(bench, register, { lose, options: read(3) })
    await using _ = exact.shop
    expect(asidesOf(exact.shop)).toMatchObject([{ kind: 'z', from: 1, to: 4, why: 'last_closing' }])
    expect(numberOf(await shopSale(exact.register))).toBe(4)
    await exact.shop.stop()

    await bench.start()
    // Of 5 receipts the TSE signed two: no one knows which numbers they have.
    const more = await restored(bench, register, { lose, options: read(8) })
    await using __ = more.shop
    expect(asidesOf(more.shop)).toMatchObject([
      { kind: 'bon', from: 4, to: 8, why: 'last_receipt' },
      { kind: 'z', from: 1, to: 4, why: 'last_closing' },
    ])
    expect(numberOf(await shopSale(more.register))).toBe(11)
    await more.shop.stop()
    await bench.start()
    await expect(restored(bench, register, { lose, options: read(2) })).rejects.toMatchObject({
      code: 'last_number_refused',
    })
  },
)

test(
  "another agent's many transactions on the same unit are not taken over, and hide none of ours",
  heavy(),
  async () => {
    await using bench = await Bench.open()
    const register = await bench.till()
    const { shop, ...moved } = await restored(bench, register, {
      lose: async (till) => {
        const { location_id: location } = await bench.office.get(`/v1/registers/${till.id}`)
        const other = await bench.register(String(location))
        await other.till.create(event('session_open', other.id, { opening_balance_amount: '0.00' }))
        for (let count = 0; count < 66; count++) await sell(other, '1.00')
        await sell(till, '2.00')
      },
    })
    await using _ = shop
    const lost = shop.journal().filter(({ kind }) => kind === 'transaction.lost')
    expect(lost.map(({ body }) => (JSON.parse(body) as { facts: Members }).facts)).toMatchObject([
      { register_id: register.id, receipt_number: 2 },
    ])
    expect(numberOf(await shopSale(moved.register))).toBe(1002)
  },
)

test('a TSE ahead of a disk that was rolled back: numbers that may be on paper are set aside at once, with a duty', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  const journal = join(bench.config.state, 'journal.db')
  const copy = join(bench.config.state, 'journal.copy')
  await bench.restart(() => cp(journal, copy))
  await sell(keyed(bench, register), '2.00')
  await counted(keyed(bench, register), '52.00')
  await bench.restart(() => cp(copy, journal))
  await bench.untilDevice('foreign')
  const unsigned = await sell(keyed(bench, register), '5.00')
  expect(unsigned.fiscal?.state).toBe('failed')
  const expected = [
    { register_id: register.id, kind: 'bon', from: 2, to: 1001, why: 'rollback' },
    { register_id: register.id, kind: 'z', from: 1, to: 1000, why: 'rollback' },
  ]
  expect(asidesOf(bench)).toEqual(expected)
  // Those that are set aside already count.
  await bench.restart()
  await bench.untilDevice('foreign')
  expect(asidesOf(bench)).toEqual(expected)
  expect(await bench.agent.administration.deviceAct('tse-1', 'adopt')).toMatchObject({
    lost_transactions: [{ receipt_number: 1003, paper_numbers: { from: 2, to: 1001 } }, { receipt_number: 1004 }],
  })
  expect(bench.agent.administration.listTasks()).toMatchObject([{ id: 'epoch-2' }])
})
