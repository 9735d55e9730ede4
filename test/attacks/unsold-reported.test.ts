// @module-tag heavy
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { audited, auditedBy } from '../cli/audited.ts'
import { austrianTill, ONE_CARD } from '../e2e/austria/shop.ts'
import type { Register } from '../e2e/bench.ts'
import { Bench } from '../e2e/bench.ts'
import { voiding } from '../e2e/client.ts'
import { elsewhere, event, goods, goodsOf, order, pay, sell, trade } from '../e2e/goods.ts'
import { sell as sellInItaly } from '../e2e/italy/shop.ts'
import { closeExpected, closing, counted, endShift } from '../e2e/shift.ts'
import { inDirectory } from '../laws/germany/dsfinvk/package.ts'
import { today } from '../today.ts'
import { openShop, reportOf } from './italian-insider.ts'

// Acts of an owner that are legal and make no turnover, or take it back. The report names them, and judges none.

const NAME = 'Vorgänge ohne Umsatz'
const FILE = 'ohne-umsatz.csv'

/** The chapter of an audit, its file of all acts, and the report. */
async function chapterOf(bench: Bench, ...more: string[]) {
  return inDirectory(async (directory) => {
    const { code, parts, folder } = await audited(bench, directory, ...more)
    const chapter = parts.find(({ name }) => name === NAME)
    const read = (file: string): Promise<string> => readFile(join(folder, file), 'utf8')
    const [header = '', ...acts] = (await read(FILE)).trimEnd().split('\n')
    const report = await read('pruefbericht.txt')
    expect(await read('SHA256SUMS')).toContain(`  ${FILE}\n`)
    return { code, parts, chapter, findings: chapter?.findings.join('\n') ?? '', header, acts, report }
  })
}

async function emptied({ id, till }: Register, amount: string): Promise<void> {
  const open = await till.create(goods('sale', id, [[amount, '0.07']]))
  await till.amend(open, goodsOf(goods('sale', id, [])))
  await till.call({ ...voiding(open), ifMatch: 2 })
}

test('a basket that was emptied before it was cancelled is named with the largest sum that it had', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  await emptied(register, '480.11')
  await sell(register, '10.00')
  await closeExpected(register)
  const { chapter, findings, acts, report } = await chapterOf(bench)
  expect(chapter).toMatchObject({ valid: true, note: true, summary: 'Umsatz 10,00 EUR, ohne Umsatz 480,11 EUR' })
  expect(findings).toMatch(
    /^.*: 1 Abbruch ohne Verkauf, 480,11 EUR; größte: (Bon 2 \(Z 1\)|op_\S+ \(Z 1\)) 480,11 EUR$/m,
  )
  // Each euro is in one row.
  expect(findings).toMatch(/^Keine: stornierte Positionen, /m)
  expect(acts).toEqual([expect.stringContaining(';Abbruch ohne Verkauf;AVBelegabbruch;')])
  expect(report).toMatch(/^Umsatz 10,00 EUR, ohne Umsatz 480,11 EUR\./m)
})

test('goods that a basket took away before its largest sum are cancelled lines, and no euro is named twice', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const { id, till } = register
  const first = await till.create(goods('sale', id, [['100.00', '0.07', { sku_identifier: 'a' }]]))
  const second = await till.amend(first, goodsOf(goods('sale', id, [['90.00', '0.07', { sku_identifier: 'b' }]])))
  await till.amend(second, goodsOf(goods('sale', id, [['40.00', '0.07', { sku_identifier: 'c' }]])))
  await till.call({ ...voiding(first), ifMatch: 3 })
  await closeExpected(register)
  const { chapter, findings } = await chapterOf(bench)
  expect(findings).toMatch(/: 1 Abbruch ohne Verkauf, 100,00 EUR/)
  expect(findings).toMatch(/: 2 stornierte Positionen, 130,00 EUR/)
  expect(chapter?.summary).toBe('Umsatz 0,00 EUR, ohne Umsatz 230,00 EUR')
})

test('a table that is settled far below its orders, and cancelled orders, are in a balance without a rest', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const { id, till } = register
  const dinner = { sku_identifier: 'dinner' }
  const wine = { sku_identifier: 'wine' }
  await till.complete(await till.create(order(id, [['300.37', '0.19', dinner]])), [])
  const bill = goods('sale', id, [['1.00', '0.19', dinner]], { allocation_group: 'Tisch 7' })
  await till.complete(await till.create(bill), [pay('cash', '1.00')])
  await till.complete(await till.create(order(id, [['48.00', '0.19', wine]])), [])
  await till.complete(
    await till.create(order(id, [['-48.00', '0.19', { ...wine, quantity: -1, unit_price: '48.00' }]])),
    [],
  )
  await till.complete(await till.create(order(id, [['7.00', '0.19', wine]], { allocation_group: 'Tisch 8' })), [])
  await closeExpected(register)
  const { chapter, findings, acts } = await chapterOf(bench)
  expect(findings).toMatch(
    /^Bestellungen .*: bestellt 355,37 EUR \+ durch Stornos wieder offen 0,00 EUR = abgerechnet 300,37 EUR \+ zurückgenommen 48,00 EUR \+ Transfer 0,00 EUR \+ Sachbezug 0,00 EUR \+ offen 7,00 EUR \(älteste vom \d{4}-\d\d-\d\d\); Rest 0,00 EUR; größte: .*48,00 EUR$/m,
  )
  expect(findings).toMatch(/^Bestellungen .*: unter dem Bestellpreis abgerechnet 299,37 EUR; größte: /m)
  expect(chapter).toMatchObject({ valid: true, summary: 'Umsatz 1,00 EUR, ohne Umsatz 347,37 EUR' })
  expect(acts.map((line) => line.split(';')[6])).toEqual(['Beleg', 'AVBestellung'])
})

test('a bill that is reversed and whose order is then cancelled is one row of voids, and the balance names it', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const { id, till } = register
  const soup = { sku_identifier: 'soup' }
  await till.complete(await till.create(order(id, [['20.00', '0.19', soup]])), [])
  const bill = goods('sale', id, [['20.00', '0.19', soup]], { allocation_group: 'Tisch 7' })
  const paid = await till.complete(await till.create(bill), [pay('cash', '20.00')])
  await till.create(event('void', id, { related_operation_id: paid.id }))
  await till.complete(
    await till.create(order(id, [['-20.00', '0.19', { ...soup, quantity: -1, unit_price: '20.00' }]])),
    [],
  )
  await closeExpected(register)
  const { chapter, findings } = await chapterOf(bench)
  expect(findings).toMatch(
    /: 1 Storno, 20,00 EUR, davon bar 20,00 EUR; 1 ohne Grund; größte: Bon 4 \(Z 1\) 20,00 EUR$/m,
  )
  expect(findings).toContain(
    'bestellt 20,00 EUR + durch Stornos wieder offen 20,00 EUR = abgerechnet 20,00 EUR + zurückgenommen 20,00 EUR (davon nach einem Storno, dort genannt, 20,00 EUR)',
  )
  expect(chapter?.summary).toBe('Umsatz 0,00 EUR, ohne Umsatz 20,00 EUR')
})

test('the report names trainings, discounts, returns, staff, transfers, opened drawers and unsigned receipts', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const { id, till } = register
  const sold = await sell(register, '10.00')
  const training = await till.create(goods('sale', id, [['9.00', '0.19']], { training: true }))
  await till.complete(training, [pay('cash', '9.00')])
  const meal = goods('employee_benefit', id, [['6.50', '0.19']], { customer: { name: 'Ada' } })
  await till.complete(await till.create(meal), [])
  await till.complete(await till.create(goods('transfer', id, [['8.00', '0.19']])), [])
  const cheaper = { unit_price: '5.00', discounts: [{ amount: '1.50' }] }
  await till.complete(await till.create(goods('sale', id, [['3.50', '0.07', cheaper]])), [pay('cash', '3.50')])
  const back = goods('return', id, [['-4.00', '0.07']], elsewhere)
  await till.complete(await till.create(back), [pay('cash', '-4.00')])
  const opening = { register_id: id, occurred_at: new Date().toISOString() }
  await till.post('/v1/cash-drawer-openings', opening)
  await till.post('/v1/cash-drawer-openings', { ...opening, operation_id: sold.id })
  await bench.fault('unplugged@*')
  await sell(register, '3.00')
  await bench.fault('clear')
  await bench.untilDevice('ready')
  await closeExpected(register)
  const { chapter, findings, header, acts, report } = await chapterOf(bench)
  expect(chapter).toMatchObject({ valid: true, note: true, summary: 'Umsatz 12,50 EUR, ohne Umsatz 29,00 EUR' })
  for (const row of [
    /: \d+ Bons, davon 3 Verkäufe, Einnahmen 16,50 EUR, davon bar 16,50 EUR$/m,
    /: 1 Training, 9,00 EUR; größte: Bon \d+ \(Z 1\) 9,00 EUR$/m,
    /: 1 Sachbezug ohne Bestellung, 6,50 EUR; /,
    /: 1 Transfer ohne Bestellung, 8,00 EUR; /,
    /: 1 Rabatt, 1,50 EUR; /,
    /: 1 Rückgabe, 4,00 EUR, davon bar 4,00 EUR; 1 über 4,00 EUR: Original nicht in diesem Journal; /,
    /: 1 Schublade ohne Verkauf geöffnet, 0,00 EUR$/m,
    /: ohne Signatur 1 Bon, 3,00 EUR$/m,
    /^Keine: stornierte Positionen, Abbrüche ohne Verkauf, .*Stornos, /m,
    /^Zwischenrechnungen und Nachdrucke zeichnet dieses Programm nicht auf\.$/m,
  ])
    expect(findings).toMatch(row)
  expect(header).toBe('zeit;kasse;sitzung;z_nr;bediener;art;vorgangstyp;bon;brutto;bar;original;grund;vorgang')
  expect(acts.map((line) => line.split(';').slice(6, 10).join(' '))).toEqual([
    expect.stringMatching(/^AVTraining \d+ 9,00 0,00$/),
    expect.stringMatching(/^AVSachbezug \d+ 6,50 0,00$/),
    expect.stringMatching(/^AVTransfer \d+ 8,00 0,00$/),
    expect.stringMatching(/^Rabatt \d+ 1,50 0,00$/),
    expect.stringMatching(/^Beleg \d+ 4,00 4,00$/),
    expect.stringMatching(/^AVSonstige \d* ?0,00 0,00$/),
  ])
  expect(report).toMatch(/^\[ {2}Hinweis {2}\] Vorgänge ohne Umsatz/m)
})

test('an honest evening shows its acts as what they are, without an objection', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const { id, till } = register
  const [beer, roast] = [{ sku_identifier: 'beer' }, { sku_identifier: 'roast' }]
  const group = { allocation_group: 'Tisch 7' }
  // A split bill: begun with both guests' goods.
  await till.complete(
    await till.create(
      order(id, [
        ['4.00', '0.19', beer],
        ['16.00', '0.19', roast],
      ]),
    ),
    [],
  )
  const both = await till.create(
    goods(
      'sale',
      id,
      [
        ['4.00', '0.19', beer],
        ['16.00', '0.19', roast],
      ],
      group,
    ),
  )
  await till.amend(both, goodsOf(goods('sale', id, [['4.00', '0.19', beer]])))
  await till.call({
    path: `/v1/operations/${both.id}/complete`,
    body: { payments: [pay('cash', '4.00')] },
    key: 'split-1',
    ifMatch: 2,
  })
  await till.complete(await till.create(goods('sale', id, [['16.00', '0.19', roast]], group)), [pay('cash', '16.00')])
  // A wrong payment method, put right.
  const card = await till.create(goods('sale', id, [['12.00', '0.07']]))
  const wrong = await till.complete(card, [pay('card', '12.00')])
  await till.create(event('void', id, { related_operation_id: wrong.id, reason: 'Zahlart' }))
  await sell(register, '12.00')
  // Empties, and a slip of the count.
  const empties = goods(
    'return',
    id,
    [['-1.50', '0.19', { type: 'container_deposit', quantity: -1, unit_price: '1.50' }]],
    elsewhere,
  )
  await till.complete(await till.create(empties), [pay('cash', '-1.50')])
  const count = (counted_closing_amount: string, more = {}) =>
    till.create(event('session_cash_count', id, { counted_closing_amount, ...more }))
  const slip = await count('805.00')
  await count('80.50', { corrects_operation_id: slip.id })
  await till.create(closing(register, '0.00'))
  const { code, chapter, findings, report } = await chapterOf(bench)
  expect([code, report.includes('BEANSTANDET')], report).toEqual([0, false])
  expect(chapter).toMatchObject({ valid: true, note: true, summary: 'Umsatz 30,50 EUR, ohne Umsatz 13,50 EUR' })
  expect(findings).toMatch(
    /: 1 Storno, 12,00 EUR, davon bar 0,00 EUR; 1 über 12,00 EUR: danach ein Verkauf über denselben Betrag; /,
  )
  expect(findings).toMatch(/: 1 Bon mit Leergut, 1,50 EUR/)
  expect(findings).toMatch(/^Keine: stornierte Positionen, /m)
  expect(findings).toMatch(/= abgerechnet 20,00 EUR .* \+ offen 0,00 EUR; Rest 0,00 EUR$/m)
})

test('a shop that only sells has the chapter with what it did not do, and stays free of objections', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  await sell(register, '4.50')
  await counted(register, '54.50')
  // Cash that is taken out is named too: all of it stays in the drawer.
  await register.till.create(closing(register, '0.00'))
  const { code, chapter, findings, acts, report } = await chapterOf(bench)
  expect(chapter).toMatchObject({ valid: true, note: true, summary: 'Umsatz 4,50 EUR, ohne Umsatz 0,00 EUR' })
  expect(findings).toMatch(/: \d+ Bons, davon 1 Verkauf, Einnahmen 4,50 EUR, davon bar 4,50 EUR$/m)
  expect([code, acts]).toEqual([0, []])
  expect(report).toContain('Umsatz 4,50 EUR, ohne Umsatz 0,00 EUR.\nNicht belegt ist:\n')
})

test('in Austria the chapter has sales paid elsewhere or later, and the report no file and no paragraph of Germany', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const register = await austrianTill(bench)
  const { id, till } = register
  const paid = await till.create(goods('sale', id, [['12.00', '0.20']]))
  await till.complete(paid, [pay('card', '12.00', { status: 'failed' }), pay('bank_transfer', '12.00')])
  const owed = await till.create(goods('sale', id, [['3.00', '0.20']]))
  await till.complete(owed, [pay('on_account', '3.00')], { customer: { name: 'Erna' } })
  await till.void(await till.create(goods('sale', id, [['480.11', '0.20']])))
  await closeExpected(register)
  const { parts, report } = await auditedBy(bench, ONE_CARD)
  expect(parts.find(({ name }) => name === NAME)).toMatchObject({ summary: 'Umsatz 15,00 EUR, ohne Umsatz 480,11 EUR' })
  expect(report).toMatch(/: 2 Verkäufe per Überweisung, online oder auf Rechnung, 15,00 EUR; größte: /)
  expect(report).toMatch(/: 1 Abbruch ohne Verkauf, 480,11 EUR; /)
  expect(report).toMatch(/^Offene Aufgaben:\n- Registrierung der Signatureinheit, fällig am \d\d\.\d\d\.\d{4} /m)
  expect(report).not.toMatch(/DSFinV-K|TSE-Archiv|§ 146b|\bBons?\b/)
})

test('in Italy heading, chapter and result are in Italian, with the words of its law', () =>
  openShop(async ({ bench, register, printer }) => {
    const { id, till } = register
    const sold = await sellInItaly(register, '6.60')
    await till.create(event('void', id, { related_operation_id: sold.id, reason: 'contanti' }))
    await sellInItaly(register, '6.60')
    await till.void(await till.create(goods('sale', id, [['480.11', '0.22']])))
    const tax = { name: 'IVA', rate: '0.22', tax_amount: '0.00' }
    const gift = {
      type: 'omaggio',
      title: 'Biscotti',
      unit_price: '3.00',
      discounts: [{ amount: '0.50' }],
      taxes: [tax],
    }
    await trade(register, 'sale', [
      ['1.22', '0.22'],
      ['0.00', '0.22', gift],
    ])
    await endShift(register)
    const { code, report } = await reportOf({ bench, printer })
    expect(code, report).toBe(0)
    expect(report).toMatch(/^Verifica dei dati del registratore telematico/)
    expect(report).toMatch(/^\[ {3}nota {4}\] Operazioni senza corrispettivo /m)
    expect(report).toMatch(
      /: 1 annullo, 6,60 EUR, di cui contanti 6,60 EUR; 1 per 6,60 EUR: segue una vendita dello stesso importo; /,
    )
    expect(report).toMatch(/: 1 vendita annullata prima della stampa, 480,11 EUR; /)
    expect(report).toMatch(/: 1 sconto, 0,50 EUR; /)
    expect(report).toMatch(/: 1 omaggio, 2,50 EUR; /)
    expect(report).toContain('pos_sheet (fiskal-edge export pos_sheet)')
    expect(report).toMatch(/^Corrispettivi 7,82 EUR, senza corrispettivo 489,71 EUR\./m)
    expect(report).not.toMatch(/Ergebnis|DSFinV-K|TSE|§ 146|DEP7/)
  }))

test('with a range the chapter has the acts of that time alone', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till('50.00')
  await till.void(await till.create(goods('sale', id, [['7.00', '0.07']])))
  const before = await chapterOf(bench, '--to', '2020-01-01')
  expect(before.chapter).toMatchObject({ summary: 'Umsatz 0,00 EUR, ohne Umsatz 0,00 EUR' })
  expect(before.acts).toEqual([])
  const since = await chapterOf(bench, '--from', today())
  expect(since.findings).toMatch(/: 1 Abbruch ohne Verkauf, 7,00 EUR/)
})
