// @module-tag heavy
import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { leftOut } from '../../../../agent/laws/germany/dsfinvk/left-out.ts'
import { matchPackages } from '../../../../agent/laws/germany/verify-together.ts'
import { verifyDsfinvk } from '../../../../verify/dsfinvk/verify-package.ts'
import type { Register } from '../../../e2e/bench.ts'
import { Bench } from '../../../e2e/bench.ts'
import type { Operation } from '../../../e2e/client.ts'
import { FastClock } from '../../../e2e/fast-clock.ts'
import { elsewhere, event, goods, order, pay } from '../../../e2e/goods.ts'
import { abortedAfterOutage, soldInOutage } from '../../../e2e/shift.ts'
import { yesterday } from '../../../today.ts'
import { EVERYTHING, exportJournal, readingJournal } from './journal-package.ts'
import { filesOf, inDirectory, table } from './package.ts'

type Till = Register['till']

async function close({ id, till }: Register, counted: string, adjustment?: string): Promise<void> {
  await till.create(event('session_cash_count', id, { counted_closing_amount: counted }))
  const amount = adjustment === undefined ? {} : { closing_adjustment_amount: adjustment }
  await till.create(event('session_close', id, { business_date: yesterday(), ...amount }))
}

async function expectedCash({ id, till }: Register): Promise<string> {
  return String((await till.get(`/v1/registers/${id}/session`))['expected_closing_amount'])
}

/** One of every operation that the API has. */
async function everyOperation(register: Register): Promise<Record<string, Operation>> {
  const { id, till } = register
  const sell = async (till: Till, body: ReturnType<typeof goods>, ...payments: ReturnType<typeof pay>[]) =>
    till.complete(await till.create(body), payments)
  const sale = await sell(
    till,
    goods('sale', id, [['4.50', '0.07']], { operator_id: 'u7', operator_name: 'Erika Muster', note: 'für "Oma"\nMia' }),
    pay('cash', '5.00'),
    pay('cash', '-0.50'),
  )
  await sell(
    till,
    goods(
      'sale',
      id,
      [
        ['27.00', '0.07', { unit_price: '30.00' }],
        ['18.00', '0.19', { quantity: 2, unit_price: '10.00' }],
      ],
      {
        cart_level_discounts: [
          { description: 'Coupon', amount: '3.00' },
          { description: 'Treue', amount: '2.00' },
        ],
      },
    ),
    pay('gift_card', '20.00', { gift_card_id: 'GC-0001' }),
    pay('card', '25.00', { scheme: 'girocard' }),
  )
  await sell(
    till,
    goods(
      'sale',
      id,
      [
        ['9.00', '0.19', { quantity: '0.333333', unit_price: '30.00', discounts: [{ amount: '1.00' }] }],
        ['0.25', '0.19', { type: 'container_deposit' }],
        ['25.00', '0', { type: 'gift_card', gift_card_id: 'GC-0002' }],
        ['2.00', '0.19', { type: 'service_charge' }],
      ],
      { tip_amount: '1.50' },
    ),
    pay('mobile', '37.75'),
  )
  const returned = { related_operation_id: sale.id }
  await sell(till, goods('return', id, [['-4.50', '0.07']], returned), pay('cash', '-4.50'))
  await sell(
    till,
    goods(
      'exchange',
      id,
      [
        ['-12.00', '0.19'],
        ['12.00', '0.07'],
      ],
      elsewhere,
    ),
    pay('cash', '0.00'),
  )
  const voided = await till.create(goods('sale', id, [['3.00', '0.07']]))
  await till.void(voided)
  const training = await sell(till, goods('sale', id, [['5.00', '0.19']], { training: true }), pay('cash', '5.00'))
  const mistake = await sell(till, goods('sale', id, [['8.00', '0.07']], { tip_amount: '1.00' }), pay('cash', '9.00'))
  const reversal = await till.create({
    type: 'void',
    register_id: id,
    currency: 'EUR',
    related_operation_id: mistake.id,
  })
  const deposit = await sell(till, goods('deposit', id, [['50.00', '0.19', { type: 'deposit' }]]), pay('card', '50.00'))
  const capture = await sell(
    till,
    goods(
      'deposit_capture',
      id,
      [
        ['120.00', '0.19'],
        ['-50.00', '0.19', { type: 'deposit' }],
      ],
      { related_operation_id: deposit.id },
    ),
    pay('bank_transfer', '70.00'),
  )
  const givenUp = await sell(till, goods('deposit', id, [['8.00', '0.07', { type: 'deposit' }]]), pay('card', '8.00'))
  const givenBack = await sell(
    till,
    goods('return', id, [['-8.00', '0.07', { type: 'deposit' }]], { related_operation_id: givenUp.id }),
    pay('card', '-8.00'),
  )
  const dish = { title: 'Gulasch "scharf"; groß', quantity: 2, unit_price: '12.90' }
  const ordered = await till.complete(await till.create(order(id, [['25.80', '0.07', dish]])), [])
  const half = { ...dish, quantity: -0.5 }
  await till.complete(await till.create(order(id, [['-6.45', '0.07', half]])), [])
  await till.void(await till.create(order(id, [['25.80', '0.07', dish]])))
  await till.complete(await till.create(goods('transfer', id, [['12.90', '0.07']])), [])
  const meal = goods('employee_benefit', id, [['12.90', '0.07']], { customer: { id: 'u7' } })
  await till.complete(await till.create(meal), [])
  await sell(till, goods('sale', id, [['6.45', '0.07']], { allocation_group: 'Tisch 7' }), pay('card', '6.45'))
  await till.create(
    event('session_cash_adjustment', id, { cash_amount: '-20.00', movement_type: 'pay_out', note: 'Eier' }),
  )
  return { sale, voided, training, mistake, reversal, deposit, capture, givenUp, givenBack, ordered }
}

test('a day of every operation of the API exports from the journal, verifies and equals the journal', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  const done = await everyOperation(register)
  await close(register, await expectedCash(register), '-7.00')
  await inDirectory(async (directory) => {
    const path = `${directory}/package.zip`
    const result = await exportJournal(bench.config.state, path)
    const report = await verifyDsfinvk(path)
    expect(report.findings).toEqual([])
    expect(report).toMatchObject({ valid: true, closings: 1, unsigned: 0 })
    expect(report.signatures).toBe(report.bons)
    expect(result).toMatchObject({ closings: 1, bons: report.bons })
    const journal = `${directory}/journal.ndjson`
    await writeFile(journal, await bench.exported('journal'))
    expect(await matchPackages(journal, [path], { untilSeq: Number.MAX_SAFE_INTEGER })).toMatchObject({
      findings: [],
      found: report.bons,
    })
    const files = await filesOf(path)
    const heads = table(files, 'transactions.csv')
    const bonOf = (operation: Operation | undefined) =>
      heads.find((row) => row['BON_NOTIZ']?.startsWith(`op=${operation?.id}`)) ?? {}
    expect(bonOf(done['sale'])).toMatchObject({
      BON_TYP: 'Beleg',
      UMS_BRUTTO: '4,50',
      BEDIENER_NAME: 'Erika Muster',
      BON_NOTIZ: `op=${done['sale']?.id} für Oma Mia`,
    })
    expect(bonOf(done['voided'])).toMatchObject({ BON_TYP: 'AVBelegabbruch', UMS_BRUTTO: '0,00', BEDIENER_ID: 'POS' })
    expect(bonOf(done['training'])).toMatchObject({ BON_TYP: 'AVTraining', UMS_BRUTTO: '5,00' })
    expect(bonOf(done['reversal'])).toMatchObject({ BON_TYP: 'Beleg', BON_STORNO: '1', UMS_BRUTTO: '-9,00' })
    const references = table(files, 'references.csv')
    expect(references.map((row) => [row['REF_TYP'], row['POS_ZEILE'], row['REF_BON_ID']])).toEqual([
      ['Transaktion', '', bonOf(done['sale'])['BON_ID']],
      ['ExterneSonstige', '', 'old-4711'],
      ['Transaktion', '', bonOf(done['mistake'])['BON_ID']],
      ['Transaktion', '2', bonOf(done['deposit'])['BON_ID']],
      ['Transaktion', '1', bonOf(done['givenUp'])['BON_ID']],
      // What an order takes back, and the bill.
      ['Transaktion', '', bonOf(done['ordered'])['BON_ID']],
      ['Transaktion', '', bonOf(done['ordered'])['BON_ID']],
    ])
    const closing = table(files, 'cashpointclosing.csv')[0]
    // 50.00 float + 4.50 − 4.50 − 20.00 − 7.00
    expect(closing).toMatchObject({ Z_SE_BARZAHLUNGEN: '23,00', Z_BUCHUNGSTAG: yesterday() })
    expect(table(files, 'itemamounts.csv').map((row) => row['PF_BRUTTO'])).toEqual(['10,00000', '-1,00000'])
  })
})

test('same journal and range, same bytes; an open session is left out and named', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  await register.till.complete(await register.till.create(goods('sale', register.id, [['3.00', '0.07']])), [
    pay('cash', '3.00'),
  ])
  await close(register, '53.00')
  const { state } = bench.config
  const open = () => readingJournal(state, (view) => leftOut(view, EVERYTHING, async () => undefined))
  expect(await open()).toEqual([])
  await register.till.create(event('session_open', register.id, { opening_balance_amount: '60.00' }))
  expect(await open()).toMatchObject([{ register_id: register.id, total_amount: '0.00' }])
  await inDirectory(async (directory) => {
    const first = await exportJournal(state, `${directory}/1.zip`)
    const second = await exportJournal(state, `${directory}/2.zip`)
    expect(first).toMatchObject({ closings: 1, bons: 3 })
    expect(second.sha256).toBe(first.sha256)
    await close(register, '60.00')
    const third = await exportJournal(state, `${directory}/3.zip`)
    expect(third).toMatchObject({ closings: 2, bons: 5 })
    const lines = table(await filesOf(`${directory}/3.zip`), 'lines.csv')
    expect(lines.slice(3).map((row) => [row['GV_TYP'], row['BON_ID']])).toEqual([
      ['Anfangsbestand', '4'],
      ['Geldtransit', '4'],
      ['DifferenzSollIst', '5'],
    ])
  })
})

test('a shop whose name and address are blanks and line feeds still has books', async () => {
  await using bench = await Bench.open()
  const { merchantId, locationId } = await bench.shop()
  const address = { line1: ' ', city: '\t', postal_code: '\u0007', country_code: 'DEU' }
  const legal_name = 'Müller\n& Söhne\u0007'
  await bench.office.patch(`/v1/merchants/${merchantId}`, { legal_name, address })
  await bench.office.patch(`/v1/locations/${locationId}`, { name: ' ', address })
  const register = await bench.register(locationId)
  await register.till.create(event('session_open', register.id, { opening_balance_amount: '0.00' }))
  await close(register, '0.00')
  await inDirectory(async (directory) => {
    const path = `${directory}/package.zip`
    await exportJournal(bench.config.state, path)
    const files = await filesOf(path)
    const place = ['-', '-', '-', 'DEU']
    const [closing] = table(files, 'cashpointclosing.csv')
    expect(['NAME', 'STRASSE', 'PLZ', 'ORT', 'LAND'].map((column) => closing?.[column])).toEqual([
      'Müller & Söhne',
      ...place,
    ])
    const [location] = table(files, 'location.csv')
    const columns = ['LOC_NAME', 'LOC_STRASSE', 'LOC_PLZ', 'LOC_ORT', 'LOC_LAND']
    expect(columns.map((column) => location?.[column])).toEqual(['-', ...place])
    expect(files.get('index.xml')).toContain('<Name>Müller &amp; Söhne</Name>')
  })
})

test('bons of an outage are in the package with their reason and without a signature', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  const { id, till } = register
  await soldInOutage(bench, register)
  await till.complete(await till.create(goods('sale', id, [['2.00', '0.19']])), [pay('cash', '2.00')])
  await close(register, '55.00', '-55.00')
  await inDirectory(async (directory) => {
    const path = `${directory}/package.zip`
    await exportJournal(bench.config.state, path)
    expect(await verifyDsfinvk(path)).toMatchObject({ valid: true, bons: 5, signatures: 1, unsigned: 4 })
    const rows = table(await filesOf(path), 'transactions_tse.csv')
    expect(rows[1]).toMatchObject({ TSE_ID: '1', TSE_TANR: '2', TSE_TA_SIG: '', TSE_VORGANGSDATEN: '' })
    expect(rows[2]?.['TSE_TA_FEHLER']).toContain('TSE ausgefallen')
    expect(rows[2]).toMatchObject({ TSE_ID: '', TSE_TANR: '', TSE_TA_START: '' })
  })
})

test('a transaction that was found open after an outage is a separate bon: AVBelegabbruch without lines', async () => {
  await using bench = await Bench.open({ clock: new FastClock(10) })
  const register = await bench.till()
  await soldInOutage(bench, register)
  await abortedAfterOutage(bench)
  await close(register, '53.00', '-53.00')
  await inDirectory(async (directory) => {
    const path = `${directory}/package.zip`
    await exportJournal(bench.config.state, path)
    expect(await verifyDsfinvk(path)).toMatchObject({ valid: true, bons: 5, signatures: 4, unsigned: 1 })
    const files = await filesOf(path)
    expect(table(files, 'transactions.csv')[2]).toMatchObject({ BON_TYP: 'AVBelegabbruch', UMS_BRUTTO: '0,00' })
    expect(table(files, 'transactions_tse.csv')[2]).toMatchObject({
      TSE_TANR: table(files, 'transactions_tse.csv')[1]?.['TSE_TANR'],
      TSE_VORGANGSDATEN: 'AVBelegabbruch^0.00_0.00_0.00_0.00_0.00^',
    })
  })
})

test('killed at any moment an export leaves nothing behind, and the next one starts again', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  await close(register, '50.00')
  await inDirectory(async (directory) => {
    const path = join(directory, 'package.zip')
    for (const afterMs of [0, 60, 120, 240]) {
      // The signal kills the child with SIGKILL.
      const killed = await exportJournal(bench.config.state, path, EVERYTHING, AbortSignal.timeout(afterMs)).catch(
        (reason: unknown) => reason,
      )
      if (killed instanceof Error) expect(await readdir(directory)).toEqual([])
      else await rm(path)
    }
    expect(await exportJournal(bench.config.state, path)).toMatchObject({ closings: 1, bons: 2 })
    expect(await readdir(directory)).toEqual(['package.zip'])
  })
})

test('a damaged row of the journal refuses the package and names event and operation', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  const { id, till } = register
  const sold = await till.complete(await till.create(goods('sale', id, [['3.00', '0.07']])), [pay('cash', '3.00')])
  await close(register, '53.00')
  await bench.stop()
  const db = new Database(join(bench.config.state, 'journal.db'))
  for (const { name } of db
    .prepare<[], { name: string }>("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    .all())
    db.exec(`DROP TRIGGER "${name}"`)
  const changed = db.prepare("UPDATE event SET body = replace(body, 'Ware', 'Wate') WHERE op = ?").run(sold.id)
  expect(changed.changes).toBeGreaterThan(0)
  db.close()
  await inDirectory(async (directory) => {
    const writing = exportJournal(bench.config.state, join(directory, 'package.zip'))
    await expect(writing).rejects.toMatchObject({ code: 'dsfinvk_refused' })
    await expect(writing).rejects.toThrow(sold.id)
    expect(await readdir(directory)).toEqual([])
  })
})
