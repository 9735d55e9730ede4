// @module-tag heavy
import { expect, test } from 'vitest'
import { act, inEmergency, untilBack } from '../e2e/italy/emergency-shop.ts'
import { sell } from '../e2e/italy/shop.ts'
import { endShift } from '../e2e/shift.ts'
import { openShop, reportOf } from './italian-insider.ts'

// The owner says that his printer is dead, and enters an evening in the emergency register. No printer has it.

test('the report names an emergency register with its times, reason and sums, outside of the corrispettivi', () =>
  inEmergency(async ({ bench, printer, register }) => {
    for (const amount of ['1000.00', '388.00']) await sell(register, amount)
    await printer.plugIn()
    await untilBack(bench)
    await act(bench, { act: 'emergency-close' })
    await sell(register, '6.00')
    await endShift(register)
    const { code, report } = await reportOf({ bench, printer })
    expect(code, report).toBe(0)
    expect(report).toMatch(/^Corrispettivi 6,00 EUR, senza corrispettivo 0,00 EUR\./m)
    expect(report).toMatch(/: 1 vendita, incassi 6,00 EUR, di cui contanti 6,00 EUR$/m)
    expect(report).toMatch(/: 2 registrazioni di emergenza, 1388,00 EUR; importi maggiori: .*1000,00 EUR/)
    expect(report).toMatch(
      /^- Registro di emergenza di rt-1 \(72IV6000001\), dal \d\d\/\d\d\/\d{4} \d\d:\d\d al \d\d\/\d\d\/\d{4} \d\d:\d\d, motivo: Scheda madre guasta: 2 registrazioni di emergenza, 1388,00 EUR\.$/m,
    )
  }))

test('an open register is named as open, and an entry that was taken back is in its sum', () =>
  inEmergency(async ({ bench, printer, register }) => {
    const { id } = await sell(register, '12.00')
    await sell(register, '3.00')
    await register.till.create({ type: 'void', register_id: register.id, currency: 'EUR', related_operation_id: id })
    const { report } = await reportOf({ bench, printer })
    expect(report).toMatch(
      /^- Registro di emergenza di rt-1 .* ancora aperto, motivo: .*: 3 registrazioni di emergenza, 3,00 EUR\.$/m,
    )
    expect(report).toMatch(/^Corrispettivi 0,00 EUR, /m)
  }))

test('a shop that never had one has the line too', () =>
  openShop(async (shop) => {
    await sell(shop.register, '4.50')
    await endShift(shop.register)
    expect((await reportOf(shop)).report).toContain('- Registri di emergenza: nessuno.\n')
  }))
