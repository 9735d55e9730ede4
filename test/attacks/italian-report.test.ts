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
      'confrontati con i contatori delle stampanti: 3 documenti e 1 chiusura; con i totali della loro chiusura: 2 documenti',
    )
    expect(report).toContain(
      'I documenti e le chiusure del registro sono stati confrontati con i contatori delle stampanti',
    )
    const [, result] = report.split('Esito: ')
    expect(result?.split('\n').slice(0, 11)).toEqual([
      'nessun rilievo in ciò che è stato confrontato.',
      'Corrispettivi 9,50 EUR, senza corrispettivo 0,00 EUR. 4 non comprovati.',
      'Non è comprovato:',
      '- Registri di emergenza: nessuno.',
      '- Vendite senza documento commerciale: 0 operazioni, 0,00 EUR.',
      '- Documenti che la stampante non ha mostrato: nessuno.',
      '- Ripristini e arretramenti del registro: nessuno.',
      `- Il contenuto dettagliato della memoria della stampante ${SERIAL}: è stata confrontata la fine, ed è stato letto ciò che manca nelle registrazioni.`,
      `- Le aliquote nella memoria della stampante ${SERIAL}: non indica totali per aliquota. Sono stati confrontati, aliquota per aliquota, operazioni, ordini di stampa e chiusure delle registrazioni.`,
      `- Il periodo in corso 0143 della stampante ${SERIAL}: la sua chiusura non è ancora stata fatta.`,
      `- 1 documento della stampante ${SERIAL} senza totali di una chiusura: gli importi sono comprovati solo dal registro.`,
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
    expect(report).toContain('stampanti: 1 documento e 1 chiusura; con i totali della loro chiusura: 1 documento')
    expect(report).toContain('Non è comprovato:')
    expect(report).not.toMatch(/periodo in corso|senza totali di una chiusura/)
  }))

test('a printer that cannot be asked is reported in Italian, and its memory is not called read', () =>
  openShop(async (shop) => {
    const { register, printer } = shop
    await sell(register, '4.50')
    await endShift(register)
    await printer.unplug()
    const { report } = await reportOf(shop)
    expect(report).toMatch(
      new RegExp(
        `non confrontata: La stampante rt-1 \\(${SERIAL}\\) non ha potuto essere interrogata \\([a-z_]+\\)\\.`,
      ),
    )
    expect(report).toContain(`- Il contenuto della memoria della stampante ${SERIAL}: non è stata letta.`)
    expect(report).not.toMatch(/The printer|Its paper|Fix that|Esito: nessun rilievo\.$/m)
  }))
