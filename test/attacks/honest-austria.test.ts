import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { verifyTogether } from '../../agent/cli/verify/together.ts'
import { verify } from '../../agent/cli/verify.ts'
import { backUp, restore } from '../backup/parts.ts'
import { audited } from '../cli/audited.ts'
import { austrianTill, closingTypes, ONE_CARD, receiptOf, sell, TWO_CARDS } from '../e2e/austria/shop.ts'
import type { Register } from '../e2e/bench.ts'
import { Bench } from '../e2e/bench.ts'
import { CalendarClock } from '../e2e/calendar-clock.ts'
import type { Members, Operation } from '../e2e/client.ts'
import { elsewhere, event, goods, pay } from '../e2e/goods.ts'
import { closing, counted } from '../e2e/shift.ts'
import { inDirectory } from '../laws/germany/dsfinvk/package.ts'
import { heavy, smoke } from '../tags.ts'
import { verifyJournal } from '../verified-journal.ts'
import { inFiles, verifiedFiles } from './austrian-insider.ts'

// The acts and mishaps of Austrian shops. None of them may be called a manipulation: a false alarm is a failure.

test(
  'sales, a void, training, an outage with a free receipt, its Sammelbeleg and the close are one sound chain',
  heavy(),
  async () => {
    await using bench = await Bench.open({ config: ONE_CARD })
    const register = await austrianTill(bench)
    const { id, till } = register
    const sold = await sell(register, '4.50')
    await till.create(event('void', id, { related_operation_id: sold.id }))
    const training = await till.create(goods('sale', id, [['9.00', '0.20']], { training: true }))
    await till.complete(training, [pay('cash', '9.00')])
    await bench.faultAt('card-1', 'unplugged@*')
    await sell(register, '3.00')
    await till.complete(await till.create(goods('sale', id, [['0.00', '0.20']])), [pay('cash', '0.00')])
    await bench.faultAt('card-1', 'clear')
    await sell(register, '2.00')
    await counted(register, '55.00')
    await till.create(closing(register, '0.00'))
    const { books, codes } = await verifyJournal(bench.config.state)
    expect({ books, codes }).toEqual({ books: 'consistent', codes: [] })
  },
)

const NOTHING = [pay('cash', '0.00')]
type Lines = Parameters<typeof goods>[2]
type Kind = Parameters<typeof goods>[0]

/** An operation that is completed with its exact payment. */
async function traded(
  { id, till }: Register,
  kind: Kind,
  lines: Lines,
  payments: readonly Members[],
  more: Members & { tip_amount?: string } = {},
): Promise<Operation> {
  return till.complete(await till.create(goods(kind, id, lines, more)), payments)
}

/** Every kind of trade that a code can have, with the amounts of each in other fields. */
async function tradeOfAllKinds(register: Register): Promise<void> {
  const { id, till } = register
  const gift = { type: 'gift_card', gift_card_id: 'GC-1' }
  const rates: Lines = [
    ...([
      ['19.90', '0.20'],
      ['4.50', '0.10'],
      ['2.60', '0.13'],
      ['1.00', '0'],
      ['3.80', '0.19'],
      ['2.10', '0.049'],
    ] as const),
  ]
  const sold = await traded(register, 'sale', rates, [pay('cash', '35.90')], { tip_amount: '2.00' })
  // The voucher is sold with goods, and pays for others.
  const voucher: Lines = [
    ['50.00', '0', gift],
    ['5.00', '0.10'],
  ]
  await traded(register, 'sale', voucher, [pay('card', '55.00')])
  const redeemed = [pay('gift_card', '50.00', { gift_card_id: 'GC-1' }), pay('cash', '10.00')]
  await traded(register, 'sale', [['60.00', '0.20']], redeemed)
  const back: Lines = [['-4.50', '0.10']]
  await traded(register, 'return', back, [pay('cash', '-4.50')], { related_operation_id: sold.id })
  const returned = await traded(register, 'return', [['-7.00', '0.20']], [pay('cash', '-7.00')], elsewhere)
  await till.create(event('void', id, { related_operation_id: returned.id }))
  const swap: Lines = [
    ['10.00', '0.20'],
    ['-10.00', '0.10'],
  ]
  await traded(register, 'exchange', swap, NOTHING, elsewhere)
  // Of these payments two count: one failed, and one is still to come.
  const split = [
    pay('card', '5.00', { status: 'failed' }),
    pay('card', '4.00', { status: 'pending' }),
    pay('cash', '1.00'),
  ]
  await traded(register, 'sale', [['5.00', '0.20']], split)
  const mixed = [pay('bank_transfer', '8.00'), pay('cash', '2.00')]
  const owed = await traded(register, 'sale', [['10.00', '0.20']], mixed)
  await till.create(event('void', id, { related_operation_id: owed.id }))
  const invoice = await traded(register, 'sale', [['30.00', '0.20']], [pay('bank_transfer', '30.00')])
  expect(invoice.fiscal_information).toBeNull()
  await till.create(event('void', id, { related_operation_id: invoice.id }))
  const deposit = await traded(register, 'deposit', [['50.00', '0.20', { type: 'deposit' }]], [pay('cash', '50.00')])
  const capture: Lines = [
    ['80.00', '0.20'],
    ['-50.00', '0.20', { type: 'deposit' }],
  ]
  const captured = await traded(register, 'deposit_capture', capture, [pay('cash', '30.00')], {
    related_operation_id: deposit.id,
  })
  const undone: Lines = [
    ['-80.00', '0.20'],
    ['50.00', '0.20', { type: 'deposit' }],
  ]
  await traded(register, 'return', undone, [pay('cash', '-30.00')], { related_operation_id: captured.id })
  const again = await traded(register, 'deposit_capture', capture, [pay('card', '30.00')], {
    related_operation_id: deposit.id,
  })
  await traded(register, 'return', [['-80.00', '0.20']], [pay('cash', '-80.00')], { related_operation_id: again.id })
  await till.void(await till.create(goods('sale', id, [['9.00', '0.20']])))
  const practised = await traded(register, 'sale', [['9.00', '0.20']], [pay('cash', '9.00')], { training: true })
  await till.create(event('void', id, { related_operation_id: practised.id }))
  await traded(register, 'sale', [['0.00', '0.20']], NOTHING)
  await till.create(event('session_cash_adjustment', id, { cash_amount: '-3.00' }))
  // Left open, over the day.
  await till.create(goods('sale', id, [['6.00', '0.20']]))
}

test('every kind of trade, vouchers to reversals, is sound in journal, DEP7 and audit', smoke(), async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const register = await austrianTill(bench)
  await tradeOfAllKinds(register)
  await register.till.post(`/v1/registers/${register.id}/closings`, { type: 'zero' })
  expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true, books: 'consistent', codes: [] })
  await inFiles(bench, register.id, async ({ directory, dep7, journal, material }) => {
    const { code, told, together } = await verifiedFiles(dep7, journal, '--material', material)
    expect([code, told.flatMap(({ findings }) => findings)]).toEqual([0, []])
    expect(together.codes).toEqual([])
    // A session with an open sale cannot be closed.
    const audit = await audited(bench, directory)
    const chapter = audit.parts.find(({ name }) => name === 'Vorgänge ohne Umsatz')
    const others = audit.parts.filter((part) => part !== chapter)
    expect([audit.code, others.flatMap(({ findings }) => findings)]).toEqual([
      1,
      [expect.stringContaining('(session_open)'), expect.stringMatching(/: begonnen .+, 6,00 EUR$/)],
    ])
    const rows = chapter?.findings.join('\n') ?? ''
    for (const row of [
      /: 20 Belege, davon /,
      /: 2 Trainingsbuchungen, 18,00 EUR; /,
      /: 1 Abbruch ohne Verkauf, 9,00 EUR; /,
      /: 3 Stornobelege, 47,00 EUR, /,
      /: 4 Rückgaben, 121,50 EUR, /,
    ])
      expect(rows).toMatch(row)
  })
})

test(
  'special receipts of a year, outages, a fallback card and a replaced one are one sound chain',
  heavy(),
  async () => {
    const clock = new CalendarClock('2026-02-10T09:00:00Z')
    await using bench = await Bench.open({ config: TWO_CARDS, clock })
    const register = await austrianTill(bench)
    const { id, till } = register
    await inDirectory(async (directory) => {
      const copies: string[] = []
      const copied = async (): Promise<void> => {
        const file = join(directory, `dep7-${copies.length}.json`)
        await writeFile(file, await bench.exported('dep7', { register_id: id }))
        copies.push(file)
      }
      await sell(register, '3.00')
      await till.post(`/v1/registers/${id}/closings`, { type: 'zero' })
      await copied()
      clock.jump('2026-03-03T09:00:00Z')
      await sell(register, '4.00')
      await till.post(`/v1/registers/${id}/closings`, { type: 'monthly' })
      // The second card is the fallback, then both are down.
      await bench.faultAt('card-1', 'unplugged@*')
      await sell(register, '5.00')
      await bench.faultAt('card-2', 'unplugged@*')
      const marked = await sell(register, '6.00')
      expect(receiptOf(marked)).toMatchObject({ security_device_failed: true })
      await till.create(event('void', id, { related_operation_id: marked.id }))
      await traded(register, 'sale', [['1.00', '0.20']], [pay('cash', '1.00')], { training: true })
      await traded(register, 'sale', [['0.00', '0.20']], NOTHING)
      await copied()
      clock.jump('2026-04-02T09:00:00Z')
      await sell(register, '7.00')
      await bench.faultAt('card-2', 'clear')
      await bench.until(async () => (await closingTypes(register)).includes('collective'))
      await sell(register, '8.00')
      // The first card never comes back: another one replaces it.
      const folder = join(bench.config.state, 'devices', 'card-1')
      await bench.restart(() => rename(folder, `${folder}.lost`))
      await bench.agent.administration.deviceAct('card-1', 'init')
      await bench.untilDevice('ready')
      await sell(register, '9.00')
      await copied()
      clock.jump('2027-01-04T09:00:00Z')
      await sell(register, '10.00')
      await counted(register, '102.00')
      await till.create(closing(register, '0.00'))
      await bench.office.post(`/v1/registers/${id}/decommission`, {}, 200)
      await copied()
      const types = new Set(await closingTypes(register))
      expect([...types].sort()).toEqual(['annual', 'collective', 'final', 'monthly', 'start', 'zero'])
      const report = await verifyJournal(bench.config.state)
      expect(report).toMatchObject({ valid: true, books: 'consistent', codes: [] })
      await inFiles(bench, id, async ({ journal, material }) => {
        const verdicts = (await Promise.all([...copies, journal].map((file) => verify(file, { material })))).flat()
        const [together] = await verifyTogether(verdicts, { material })
        expect(together).toMatchObject({ valid: true, findings: [], codes: [] })
        expect(together?.summary).toMatch(/, 4 DEP7s of register \S+, \d+ receipts are the same|; 4 DEP7s of register/)
        const serials = new Set(verdicts.flatMap(({ uncertified }) => uncertified))
        expect(serials.size).toBe(3)
      })
    })
  },
)

test(
  'a register that a restore ended is sound as far as the journal has it; so is one that lost nothing',
  heavy(),
  async () => {
    await inDirectory(async (directory) => {
      await using bench = await Bench.open({ config: ONE_CARD })
      const register = await austrianTill(bench)
      await sell(register, '10.00')
      const { file } = await backUp(bench.config.state, directory)
      await bench.stop()
      for (const [name, word] of [
        ['closed', 'close_registers'],
        ['whole', 'nothing_lost'],
      ] as const) {
        const state = join(directory, name)
        await restore(state, file, { word })
        await using again = await Bench.open({ config: { ...ONE_CARD, state } })
        if (word === 'nothing_lost')
          await sell({ ...register, till: again.client({ 'X-Register-Api-Key': register.key }) }, '5.00')
        const report = await verifyJournal(state)
        expect([report.books, report.codes]).toEqual(['consistent', []])
        await inFiles(again, register.id, async ({ dep7, journal, material }) => {
          const { code, told } = await verifiedFiles(dep7, journal, '--material', material)
          expect([code, told.flatMap(({ findings }) => findings)]).toEqual([0, []])
        })
      }
    })
  },
)

test('copies of disjoint parts of a chain are distinguished, and those that overlap agree', heavy(), async () => {
  const clock = new CalendarClock('2026-03-10T09:00:00Z')
  await using bench = await Bench.open({ config: ONE_CARD, clock })
  const register = await austrianTill(bench)
  for (const day of ['11', '12', '13', '14']) {
    clock.jump(`2026-03-${day}T09:00:00Z`)
    await sell(register, '1.00')
  }
  await inDirectory(async (directory) => {
    const part = async (from: string, to: string): Promise<string> => {
      const file = join(directory, `${from}-${to}.json`)
      const range = { from: `2026-03-${from}T00:00:00Z`, to: `2026-03-${to}T23:00:00Z`, registerId: register.id }
      await bench.agent.administration.exportTo('dep7', range, file)
      return file
    }
    const [early, middle, late] = [await part('09', '11'), await part('11', '13'), await part('14', '14')]
    const apart = await verifiedFiles(early, late, '--partial')
    expect([apart.code, apart.together.findings]).toEqual([0, []])
    expect(apart.together.summary).toBe(
      `2 DEP7s of register ${register.clientId}, 0 receipts are the same in an older and a newer one; nothing in common with a newer one: ${early}`,
    )
    const overlapping = await verifiedFiles(early, middle, await part('09', '14'), '--partial')
    expect([overlapping.code, overlapping.together.findings]).toEqual([0, []])
    expect(overlapping.together.summary).toContain('4 receipts are the same')
  })
})
