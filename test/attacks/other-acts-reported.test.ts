// @module-tag heavy
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { audited } from '../cli/audited.ts'
import { Bench } from '../e2e/bench.ts'
import { event, goods, pay, sell } from '../e2e/goods.ts'
import { closing, counted } from '../e2e/shift.ts'
import { inDirectory } from '../laws/germany/dsfinvk/package.ts'
import { today } from '../today.ts'

// Acts of an owner that are legal and make no turnover, or take it back. The report names them, and judges none.

const NAME = 'Außer dem Umsatz'

test('the report names trainings, cancelled baskets, reversals, returns, opened drawers and unsigned receipts', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const { id, till } = register
  const sold = await sell(register, '10.00')
  await sell(register, '2.00')
  await till.void(await till.create(goods('sale', id, [['7.00', '0.07']])))
  await till.create(event('void', id, { related_operation_id: sold.id }))
  const training = await till.create(goods('sale', id, [['9.00', '0.19']], { training: true }))
  await till.complete(training, [pay('cash', '9.00')])
  const opening = { register_id: id, occurred_at: new Date().toISOString() }
  await till.post('/v1/cash-drawer-openings', opening)
  await till.post('/v1/cash-drawer-openings', { ...opening, operation_id: sold.id })
  await bench.fault('unplugged@*')
  await sell(register, '3.00')
  await bench.fault('clear')
  await bench.untilDevice('ready')
  await counted(register, '55.00')
  await till.create(closing(register, '0.00'))
  await inDirectory(async (directory) => {
    const { parts, folder } = await audited(bench, directory)
    const part = parts.find(({ name }) => name === NAME)
    expect(part).toMatchObject({ valid: true, note: true })
    expect(part?.findings).toEqual([
      expect.stringMatching(
        new RegExp(
          `^.+ \\(${id}\\), \\d+ Bons: Training 1 über 9,00 EUR; vor dem Abschluss abgebrochen 1 über 7,00 EUR; nach dem Abschluss storniert 1 über 10,00 EUR; Schublade ohne Verkauf geöffnet 1; ohne Signatur 1 über 3,00 EUR$`,
        ),
      ),
    ])
    expect(await readFile(join(folder, 'pruefbericht.txt'), 'utf8')).toMatch(/^\[ {2}Hinweis {2}\] Außer dem Umsatz/m)
  })
})

test('a shop that only sells has the part without a finding, and stays free of objections', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  await sell(register, '4.50')
  await counted(register, '54.50')
  // Cash that is taken out is named too: all of it stays in the drawer.
  await register.till.create(closing(register, '0.00'))
  await inDirectory(async (directory) => {
    const { code, parts, folder } = await audited(bench, directory)
    expect(parts.find(({ name }) => name === NAME)).toMatchObject({
      ...{ valid: true, note: true, findings: [] },
      summary: expect.stringMatching(/^\d+ Bons insgesamt, nichts davon$/),
    })
    expect(code).toBe(0)
    expect(await readFile(join(folder, 'pruefbericht.txt'), 'utf8')).toMatch(/Ergebnis: (ohne|keine) Beanstandung/)
  })
})

test('with a range the part has the acts of that time alone', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till('50.00')
  await till.void(await till.create(goods('sale', id, [['7.00', '0.07']])))
  await inDirectory(async (directory) => {
    const { parts } = await audited(bench, directory, '--to', '2020-01-01')
    expect(parts.find(({ name }) => name === NAME)).toMatchObject({
      findings: [],
      summary: '0 Bons insgesamt, nichts davon',
    })
  })
  await inDirectory(async (directory) => {
    const { parts } = await audited(bench, directory, '--from', today())
    expect(parts.find(({ name }) => name === NAME)?.findings).toEqual([
      expect.stringContaining('abgebrochen 1 über 7,00 EUR'),
    ])
  })
})
