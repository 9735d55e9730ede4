// @module-tag heavy
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Bench } from '../e2e/bench.ts'
import { FastClock } from '../e2e/fast-clock.ts'
import { count, countedFrancs, frankSale } from '../e2e/germany/foreign-cash.ts'
import { onAccount, receivable } from '../e2e/germany/on-account.ts'
import { voucher } from '../e2e/germany/single-purpose.ts'
import { event, goods, pay, sell } from '../e2e/goods.ts'
import { abortedAfterOutage, closeExpected, closing, counted, soldInOutage } from '../e2e/shift.ts'
import { inDirectory } from '../laws/germany/dsfinvk/package.ts'
import { audited } from './audited.ts'

test('audit objects to a session that is not closed, with register, time, bons and sum', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  await sell(register, '4.50')
  await counted(register, '54.50')
  await register.till.create(closing(register, '0.00'))
  await register.till.create(event('session_open', register.id, { opening_balance_amount: '54.50' }))
  const { session_id: session } = await sell(register, '3.00')
  await inDirectory(async (directory) => {
    const { code, folder, parts } = await audited(bench, directory)
    expect(code).toBe(1)
    const open = parts.filter(({ valid }) => !valid)
    const opened = bench.journal().findLast(({ body }) => body.includes('"type":"session_open"'))
    expect(open).toEqual([
      {
        name: 'Kassensitzungen',
        valid: false,
        summary: '1 Sitzung ohne Kassenabschluss, nicht im DSFinV-K-Paket',
        findings: [
          expect.stringMatching(
            new RegExp(
              `^Kasse ${register.id} ist seit \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d nicht abgeschlossen: 2 Bons, 3,00 EUR; ${session}\\. \\(session_open\\)$`,
            ),
          ),
        ],
        codes: [{ code: 'session_open', level: 'error', register: register.id, seq: opened?.seq }],
      },
    ])
    const report = await readFile(join(folder, 'pruefbericht.txt'), 'utf8')
    expect(report).toMatch(/DSFinV-K, .*, 3 Bons, 3 Signaturen, 0 ohne Signatur/)
    expect(report).not.toMatch(/ (bons|signatures|logs|events|unsigned|serial)\b/)
    expect(report).toContain('[BEANSTANDET] Kassensitzungen')
    expect(report).not.toContain('ohne Beanstandung')
    expect(report).toContain('Ergebnis: 1 Beanstandung')
  })
})

test('audit names ONLINE operations and bons that wait for the next Z, without an objection', async () => {
  await using bench = await Bench.open({ clock: new FastClock(10) })
  const register = await bench.till()
  const { id, till } = register
  const { office } = bench
  const online = await office.create(goods('sale', null, [['12.00', '0.19']]))
  await office.complete(online, [pay('card', '12.00')])
  const begun = await office.create(goods('sale', null, [['5.00', '0.19']]))
  await soldInOutage(bench, register)
  await counted(register, '53.00')
  await till.create(closing(register, '0.00'))
  await abortedAfterOutage(bench)
  await inDirectory(async (directory) => {
    const { code, folder, parts } = await audited(bench, directory)
    expect([code, parts.filter(({ valid }) => !valid)]).toEqual([0, []])
    expect(parts.filter(({ note }) => note === true)).toEqual([
      {
        name: 'Vorgänge ohne Umsatz',
        valid: true,
        note: true,
        summary: 'Umsatz 15,00 EUR, ohne Umsatz 0,00 EUR',
        turnover: 'Umsatz 15,00 EUR, ohne Umsatz 0,00 EUR',
        findings: expect.arrayContaining([
          expect.stringMatching(/: 4 Bons, davon 1 Verkauf, Einnahmen 3,00 EUR, /),
          expect.stringMatching(/: ohne Signatur 2 Bons, 3,00 EUR$/),
          'ONLINE, an keiner Kasse: 1 Vorgang, 12,00 EUR',
        ]),
      },
      {
        name: 'Ohne Kassenabschluss',
        valid: true,
        note: true,
        summary: 'Bons außerhalb einer Sitzung, im nächsten Kassenabschluss enthalten',
        findings: [`Kasse ${id}: 1 Bon`],
      },
      {
        name: 'Online-Verkäufe',
        valid: true,
        note: true,
        summary: '1 Vorgang, 12,00 EUR: nicht an einer Kasse und in keiner ihrer Dateien',
        findings: [],
      },
      {
        name: 'Offene Posten',
        valid: true,
        note: true,
        summary: 'noch nicht beendet: 1 Vorgang',
        findings: [expect.stringMatching(new RegExp(`^ONLINE: begonnen .+ \\(${begun.id}\\), 5,00 EUR$`))],
      },
    ])
    const report = await readFile(join(folder, 'pruefbericht.txt'), 'utf8')
    expect(report).toContain('[  Hinweis  ] Online-Verkäufe')
    expect(report).toContain('Ergebnis: keine Beanstandung in dem, was verglichen wurde.')
  })
})

test('audit notes sales of which more came back than they had and drawers below zero, and ends with 0', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('0.00')
  const { id, till } = register
  const sale = await till.create(goods('sale', id, [['10.00', '0.07', { sku_identifier: 'BROT' }]]))
  await till.complete(sale, [pay('card', '10.00')])
  for (const amount of ['-10.00', '-4.50']) {
    const line = { sku_identifier: 'BROT', unit_price: amount.slice(1), quantity: -1 }
    const back = await till.create(goods('return', id, [[amount, '0.07', line]], { related_operation_id: sale.id }))
    await till.complete(back, [pay('cash', amount)])
  }
  await counted(register, '0.00')
  const { session_id: session } = await till.create(closing(register, '0.00'))
  await inDirectory(async (directory) => {
    const { code, folder, parts } = await audited(bench, directory)
    expect([code, parts.filter(({ valid }) => !valid)]).toEqual([0, []])
    const returned = `Beleg 2 (${sale.id}): 10,00 EUR verkauft, 14,50 EUR zurückgegeben; BROT zu 7 %: 1 verkauft, 2 zurückgegeben`
    const notes = parts.filter(({ note }) => note === true)
    expect(notes).toMatchObject([
      {
        name: 'Vorgänge ohne Umsatz',
        findings: expect.arrayContaining([expect.stringContaining('2 Rückgaben, 14,50 EUR')]),
      },
      {
        name: 'Rückgaben',
        summary: 'mehr zurückgegeben als verkauft: 1 Verkauf (returned_beyond_sale)',
        findings: [returned],
      },
      {
        name: 'Kassenbestand',
        summary: 'Soll-Bestand unter null: 1 Sitzung (drawer_below_zero)',
        findings: [expect.stringMatching(new RegExp(`^Kasse ${id}, geöffnet .*, ${session}: Soll -14,50 EUR$`))],
      },
    ])
    const report = await readFile(join(folder, 'pruefbericht.txt'), 'utf8')
    expect(report).toContain(returned)
    expect(report).toMatch(/Ergebnis: (ohne|keine) Beanstandung/)
    const procedure = await readFile(join(folder, 'verfahrensdokumentation.html'), 'utf8')
    expect(procedure).toContain(`<td>mehr zurückgegeben als verkauft</td><td>${returned}</td>`)
    expect(procedure).toMatch(/<td>Soll-Bestand unter null<\/td><td>Kasse .*: Soll -14,50 EUR<\/td>/)
  })
  await inDirectory(async (directory) => {
    const { folder, parts } = await audited(bench, directory, '--to', '2026-03-01')
    const report = await readFile(join(folder, 'pruefbericht.txt'), 'utf8')
    expect(report).toContain('- Journal und Speicher der TSE wurden nicht verglichen')
    expect(report).not.toContain('in beiden Richtungen verglichen')
    expect(parts.filter(({ note }) => note === true)).toMatchObject([
      { name: 'dsfinvk.zip', summary: 'nicht geschrieben' },
      { name: 'Vorgänge ohne Umsatz' },
    ])
  })
})

test('audit notes vouchers that were used in its range beyond what was put on them, and ends with 0', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('0.00')
  const { id, till } = register
  const gift = (number: string) => ({ gift_card_id: number })
  for (const number of ['4711', '4712']) {
    const line = ['50.00', '0', { type: 'gift_card', ...gift(number) }] as const
    await till.complete(await till.create(goods('sale', id, [line])), [pay('card', '50.00')])
  }
  for (const [number, amount] of [
    ['4711', '50.00'],
    ['4711', '5.00'],
    ['4712', '50.00'],
    ['elsewhere', '9.00'],
  ] as const)
    await till.complete(await till.create(goods('sale', id, [[amount, '0.07']])), [
      pay('gift_card', amount, gift(number)),
    ])
  const online = await bench.office.create(goods('sale', null, [['1.00', '0.07']]))
  await bench.office.complete(online, [pay('gift_card', '1.00', gift('4712'))])
  await counted(register, '0.00')
  await till.create(closing(register, '0.00'))
  await inDirectory(async (directory) => {
    const { code, folder, parts } = await audited(bench, directory)
    expect([code, parts.filter(({ valid }) => !valid)]).toEqual([0, []])
    const findings = [
      'Gutschein 4711: 50,00 EUR aufgeladen, 55,00 EUR eingelöst',
      'Gutschein 4712: 50,00 EUR aufgeladen, 51,00 EUR eingelöst',
    ]
    const summary = 'mehr eingelöst als aufgeladen: 2 Gutscheine (voucher_beyond_sale)'
    expect(parts.filter(({ note }) => note === true)).toContainEqual({
      ...{ name: 'Gutscheine', valid: true, note: true, summary, findings },
    })
    const procedure = await readFile(join(folder, 'verfahrensdokumentation.html'), 'utf8')
    expect(procedure).toContain(`<td>mehr eingelöst als aufgeladen</td><td>${findings[0]}</td>`)
  })
  await inDirectory(async (directory) => {
    const { parts } = await audited(bench, directory, '--to', '2026-03-01')
    expect(parts.filter(({ name }) => name === 'Gutscheine')).toEqual([])
  })
})

test('audit names the claims of the range that are not settled yet, as information', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const { id, till } = register
  const [open, settled] = [await onAccount(register, '80.00'), await onAccount(register, '10.00')]
  for (const [of, amount] of [
    [open, '30.00'],
    [settled, '10.00'],
  ] as const) {
    const line = receivable(amount, { related_operation_id: of.id })
    await till.complete(await till.create(goods('sale', id, [line])), [pay('cash', amount)])
  }
  await closeExpected(register)
  await inDirectory(async (directory) => {
    const { code, parts } = await audited(bench, directory)
    expect(code).toBe(0)
    expect(parts.find(({ summary }) => summary.startsWith('noch nicht verrechnet'))).toMatchObject({
      valid: true,
      note: true,
      summary: 'noch nicht verrechnet: 1 Forderung',
      findings: [expect.stringMatching(new RegExp(`^Forderung, .*, Beleg 2 \\(${open.id}\\): 50,00 EUR offen$`))],
    })
  })
})

test('audit names the vouchers of which something is left, each with its number, and objects to none', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const { id, till } = register
  const sell = async (lines: Parameters<typeof goods>[2], ...payments: ReturnType<typeof pay>[]) =>
    till.complete(await till.create(goods('sale', id, lines)), payments)
  const card = (amount: string, number: string) =>
    [amount, '0', { type: 'gift_card', gift_card_id: number, title: 'Gutschein' }] as const
  const two = await sell([voucher('30.00', '0.19', 'EZ-1'), voucher('20.00', '0.07', 'EZ-2')], pay('cash', '50.00'))
  const many = await sell([card('40.00', 'GC-1')], pay('cash', '40.00'))
  await sell([card('10.00', 'GC-2')], pay('cash', '10.00'))
  await sell([voucher('25.00', '0.19', 'EZ-3')], pay('cash', '25.00'))
  const wrong = await sell([voucher('15.00', '0.19', 'EZ-4')], pay('cash', '15.00'))
  await till.create(event('void', id, { related_operation_id: wrong.id }))
  await sell([voucher('12.00', '0.19', 'EZ-1000')], pay('cash', '12.00'))
  // Half of one, and all of another; by line or by payment.
  await sell([['30.00', '0.19'], voucher('-10.00', '0.19', 'EZ-1')], pay('cash', '20.00'))
  await sell([['25.00', '0.19'], voucher('-25.00', '0.19', 'EZ-3')], pay('card', '0.00'))
  await sell([['15.00', '0.19']], pay('gift_card', '15.00', { gift_card_id: 'GC-1' }))
  await sell([['10.00', '0.19']], pay('gift_card', '10.00', { gift_card_id: 'GC-2' }))
  // Used up and sold again: the newer sale is the one that is open.
  await sell([['12.00', '0.19'], voucher('-12.00', '0.19', 'EZ-1000')], pay('card', '0.00'))
  const again = await sell([voucher('13.00', '0.19', 'EZ-1000')], pay('cash', '13.00'))
  const practice = goods('sale', id, [voucher('9.00', '0.19', 'EZ-T')], { training: true })
  await till.complete(await till.create(practice), [pay('cash', '9.00')])
  await closeExpected(register)
  await inDirectory(async (directory) => {
    const { code, parts } = await audited(bench, directory)
    expect(code).toBe(0)
    const open = parts.find(({ summary }) => summary.startsWith('noch nicht verrechnet'))
    expect(open).toMatchObject({ valid: true, note: true, summary: 'noch nicht verrechnet: 4 Gutscheine' })
    const brief = open?.findings.map((line) => line.replace(/, \d{4}-.*\(/, ' (').replace(/\): /, ') '))
    expect(brief).toEqual([
      `Gutschein EZ-1 (${two.id}) 20,00 EUR offen`,
      `Gutschein EZ-2 (${two.id}) 20,00 EUR offen`,
      `Gutschein GC-1 (${many.id}) 25,00 EUR offen`,
      `Gutschein EZ-1000 (${again.id}) 13,00 EUR offen`,
    ])
  })
})

test('audit names the amounts of a corrected count in each currency', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  await frankSale(register)
  const first = await count(register, '46.40', [countedFrancs('2.00')])
  const corrects = { corrects_operation_id: first.id }
  const second = await count(register, '46.40', [countedFrancs('18.00')], corrects)
  await register.till.create(closing(register, '0.00'))
  await inDirectory(async (directory) => {
    const { code, parts } = await audited(bench, directory)
    expect(code).toBe(0)
    const corrected = parts.find(({ name }) => name === 'Kassenstürze')
    expect(corrected?.findings).toEqual([
      expect.stringMatching(
        new RegExp(
          `\\(${second.id}\\): 46,40 EUR, 18,00 CHF gezählt.*, \\d+ Minuten? nach 46,40 EUR, 2,00 CHF.*\\(${first.id}\\)$`,
        ),
      ),
    ])
  })
})

test('audit counts how receipts were issued if one of them says it, and says nothing otherwise', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till('50.00')
  const sale = async (more?: { issued_as: string }) =>
    till.complete(await till.create(goods('sale', id, [['4.50', '0.07']])), [pay('cash', '4.50')], more)
  const part = async (directory: string) => {
    const { parts } = await audited(bench, directory)
    return parts.find(({ name }) => name === 'Belegausgabe')
  }
  await sale()
  await inDirectory(async (directory) => expect(await part(directory)).toBeUndefined())
  await sale({ issued_as: 'paper' })
  await inDirectory(async (directory) => {
    expect(await part(directory)).toMatchObject({ valid: true, summary: '1 auf Papier, 1 ohne Angabe' })
  })
})
