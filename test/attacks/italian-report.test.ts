// @module-tag heavy
import { expect, test } from 'vitest'
import { sell } from '../e2e/italy/shop.ts'
import { endShift } from '../e2e/shift.ts'
import { openShop, reportOf } from './italian-insider.ts'

// A reader of a report takes the parts that it does not name as proved.

const SERIAL = '72IV6000001'

test('the report of an Italian shop states what was compared, how many documenti, and what has no proof', () =>
  openShop(async (shop) => {
    const { register } = shop
    await sell(register, '4.50')
    await sell(register, '3.00')
    await register.till.post(`/v1/registers/${register.id}/closings`, {})
    await sell(register, '2.00')
    await endShift(register)
    const { code, report } = await reportOf(shop)
    expect(code, report).toBe(0)
    expect(report).toContain(
      '3 documenti und 1 chiusura mit den Zählern der Drucker verglichen, 2 documenti mit den Summen ihrer chiusura',
    )
    expect(report).toContain('Die documenti und chiusure im Journal wurden mit den Zählern der Drucker verglichen')
    const [, result] = report.split('Risultato: ')
    expect(result?.split('\n').slice(0, 11)).toEqual([
      'nessuna contestazione in ciò che è stato confrontato.',
      'Corrispettivi 9,50 EUR, senza corrispettivo 0,00 EUR. 4 non provati.',
      'Non è provato:',
      '- Registri di emergenza: nessuno.',
      '- Vendite senza documento commerciale: 0 operazioni, 0,00 EUR.',
      '- Documenti che la stampante non ha mostrato: nessuno.',
      '- Ripristini e arretramenti del registro: nessuno.',
      `- Was im Speicher des Druckers ${SERIAL} im Einzelnen steht: verglichen wurde, wo er endet, und gelesen, was in den Aufzeichnungen fehlt.`,
      `- Welche Sätze im Speicher des Druckers ${SERIAL} stehen: er nennt keine Summen je Satz. Verglichen wurden Vorgänge, Druckaufträge und chiusure der Aufzeichnungen, Satz für Satz.`,
      `- Die laufende Periode 0143 des Druckers ${SERIAL}: ihre chiusura ist nicht gemacht.`,
      `- 1 documento des Druckers ${SERIAL} ohne Summen einer chiusura: für die Beträge steht nur das Journal.`,
    ])
  }))

test('a shop whose days are all closed has no running period in the report', () =>
  openShop(async (shop) => {
    const { register } = shop
    await sell(register, '4.50')
    await endShift(register)
    await register.till.post(`/v1/registers/${register.id}/closings`, {})
    const { code, report } = await reportOf(shop)
    expect(code, report).toBe(0)
    expect(report).toContain('1 documento und 1 chiusura mit den Zählern der Drucker verglichen, 1 documento mit')
    expect(report).toContain('Non è provato:')
    expect(report).not.toMatch(/laufende Periode|ohne Summen einer chiusura/)
  }))

test('a printer that cannot be asked is reported in German, and its memory is not called read', () =>
  openShop(async (shop) => {
    const { register, printer } = shop
    await sell(register, '4.50')
    await endShift(register)
    await printer.unplug()
    const { report } = await reportOf(shop)
    expect(report).toMatch(
      new RegExp(`nicht verglichen: Der Drucker rt-1 \\(${SERIAL}\\) konnte nicht befragt werden \\([a-z_]+\\)\\.`),
    )
    expect(report).toContain(`- Was im Speicher des Druckers ${SERIAL} steht: er wurde nicht gelesen.`)
    expect(report).not.toMatch(/The printer|Its paper|Fix that|Risultato: nessuna contestazione\.$/m)
  }))
