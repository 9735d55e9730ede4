// @module-tag heavy
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Bench } from '../e2e/bench.ts'
import { onAccount, receivable } from '../e2e/germany/on-account.ts'
import { redeemVoucher, sellVoucher } from '../e2e/germany/single-purpose.ts'
import { billed, cups, ordered, tavern } from '../e2e/germany/tavern.ts'
import { event, goods, pay, trade } from '../e2e/goods.ts'
import { inDirectory } from '../laws/germany/dsfinvk/package.ts'
import { verifyJournal } from '../verified-journal.ts'
import { audited } from './audited.ts'
import { fiskalEdge } from './command.ts'

// Open items are neither wrong nor odd, and who reads the books asks for them.

test('journal verify and audit name all open items, and object to none of them', async () => {
  await using bench = await Bench.open()
  const { bar: register, locationId } = await tavern(bench)
  const { id, till } = register
  const claim = await onAccount(register, '80.00')
  const paid = await onAccount(register, '10.00')
  const taken = await onAccount(register, '5.00')
  for (const [of, amount] of [
    [claim, '30.00'],
    [paid, '10.00'],
  ] as const)
    await trade(register, 'sale', [receivable(amount, { related_operation_id: of.id })])
  await till.create(event('void', id, { related_operation_id: taken.id }))
  await sellVoucher(register, '25.00', '0.19', 'EZ-1')
  await sellVoucher(register, '10.00', '0.19', 'EZ-2')
  await redeemVoucher(register, ['10.00', '10.00'], '0.19', 'EZ-2')
  const deposit = await till.complete(
    await till.create(goods('deposit', id, [['20.00', '0.19', { type: 'deposit' }]])),
    [pay('cash', '20.00')],
  )
  await ordered(register, 'Tisch 7', cups(2))
  await ordered(register, 'Tisch 8', cups(1))
  await billed(register, 'Tisch 8', cups(1))
  const parked = await till.create(goods('sale', id, [['4.00', '0.07']]))
  await inDirectory(async (directory) => {
    const { parts } = await audited(bench, directory)
    const { valid, note, summary, findings } = parts.find(({ name }) => name === 'Offene Posten') ?? {}
    expect([valid, note, summary]).toEqual([
      true,
      true,
      'noch nicht verrechnet: 1 Anzahlung, 1 Forderung, 1 Gutschein; noch nicht beendet: 1 Vorgang, 1 Abrechnungskreis',
    ])
    const words = findings?.map((one) => one.replace(/\d{4}-\d\d-\d\d \d\d:\d\d/, 'T')) ?? []
    expect(words.slice(-2)).toEqual([
      `Kasse ${id}: begonnen T (${parked.id}), 4,00 EUR`,
      `Abrechnungskreis Tisch 7 (${locationId}): seit T, 1 Bestellung`,
    ])
    expect(words).toHaveLength(5)
    const { parts: earlier } = await audited(bench, directory, '--to', '2026-03-01')
    expect(earlier.filter(({ name }) => name === 'Offene Posten')).toEqual([])
  })
  const merchant = String((await till.get(`/v1/registers/${id}`))['merchant_id'])
  await bench.stop()
  const { open, valid } = await verifyJournal(bench.config.state)
  expect([valid, open]).toEqual([
    true,
    [
      { what: 'operation', count: 1, items: [{ name: parked.id }] },
      { what: 'group', count: 1, items: [{ name: `Tisch 7 (${locationId})` }] },
      { what: 'deposit', count: 1, items: [{ name: deposit.id, left: '20.00' }] },
      { what: 'claim', count: 1, items: [{ name: claim.id, left: '50.00' }] },
      { what: 'voucher', count: 1, items: [{ name: `gift_card_id EZ-1 (${merchant})`, left: '25.00' }] },
    ],
  ])
  await inDirectory(async (directory) => {
    const config = join(directory, 'agent.json')
    const devices = [{ id: 'tse-1', driver: 'tse-simulator' }]
    await writeFile(config, JSON.stringify({ version: 1, state: bench.config.state, listen: { port: 0 }, devices }))
    const { code, out } = await fiskalEdge('journal', 'verify', '--config', config)
    expect(code).toBe(0)
    expect(out).toContain(
      `\n  1 claim open: ${claim.id} (50.00)\n  1 voucher open: gift_card_id EZ-1 (${merchant}) (25.00)\n`,
    )
  })
})
