// @module-tag heavy
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { EVER } from '../../agent/cli/arguments/range.ts'
import { restoreParts } from '../../agent/cli/audit/restore-parts.ts'
import { backUp, restore } from '../backup/parts.ts'
import { auditedBy } from '../cli/audited.ts'
import { austrianTill, ONE_CARD, sell as sellAustrian } from '../e2e/austria/shop.ts'
import { Bench } from '../e2e/bench.ts'
import { PrinterBeside } from '../e2e/italy/printer-beside.ts'
import { restoredAfter } from '../e2e/italy/restored-shop.ts'
import { italianTill, sell } from '../e2e/italy/shop.ts'
import { closing, counted } from '../e2e/shift.ts'
import { temporaryDirectory } from '../journal/temporary-journal.ts'
import { verifyJournal } from '../verified-journal.ts'

// A day that a restore left out, under the laws whose units are not a TSE.

const NAME = 'Wiederherstellungen'

async function partOf(shop: Bench) {
  const { restores, valid } = await verifyJournal(shop.config.state)
  expect(valid).toBe(true)
  const installation = shop.agent.administration.installation() as unknown as Parameters<typeof restoreParts>[2]
  return restoreParts(restores, EVER, installation)[0]
}

test('Austria: a card counts nothing, so a restore is an objection until a person gives a reason', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const register = await austrianTill(bench)
  await sellAustrian(register, '10.00')
  const folder = await temporaryDirectory()
  const { file } = await backUp(bench.config.state, folder)
  await sellAustrian(register, '517.00')
  await bench.stop()
  const state = join(folder, 'state')
  await restore(state, file, { word: 'nothing_lost' })
  await using shop = await Bench.open({ config: { ...ONE_CARD, state } })
  const moved = { ...register, till: shop.client({ 'X-Register-Api-Key': register.key }) }
  await sellAustrian(moved, '4.00')
  const part = await partOf(shop)
  expect(part).toMatchObject({
    valid: false,
    findings: [
      expect.stringMatching(
        /nicht verglichen: card-1 .*Eine Signaturkarte zählt nichts: .*Keine Einheit zeigt: Belege ohne Signatur, .*Es fehlt der Grund: fiskal-edge duty confirm epoch-2 .*\(restore_unexplained\)$/,
      ),
    ],
  })
  const before = await auditedBy(shop, ONE_CARD)
  expect(before.code).toBe(1)
  expect(before.parts.filter(({ valid }) => !valid).map(({ name }) => name)).toEqual([NAME, 'Kassensitzungen'])
  await shop.agent.administration.confirmTask('epoch-2', 'Platte defekt, Papier geprüft, nichts fehlt')
  expect(await partOf(shop)).toMatchObject({
    ...{ valid: true, note: true },
    findings: [expect.stringContaining('Grund: Platte defekt, Papier geprüft, nichts fehlt')],
  })
  await counted(moved, '64.00')
  await moved.till.create(closing(moved, '0.00'))
  const later = await auditedBy(shop, ONE_CARD)
  expect([later.code, later.parts.filter(({ valid }) => !valid)]).toEqual([0, []])
  expect(later.report).toContain('; Grund: Platte defekt, Papier geprüft, nichts fehlt.')
})

test('Italy: a restore is an objection until it has a reason, with the counters of its printer too', async () => {
  await using printer = await PrinterBeside.open()
  await using bench = await printer.agent()
  const register = await italianTill(bench)
  await sell(register, '3.00')
  await using shop = await restoredAfter({ bench, printer }, () => sell(register, '517.00'), { word: 'nothing_lost' })
  expect(await partOf(shop)).toMatchObject({
    valid: false,
    findings: [
      expect.stringContaining(
        'Manca il motivo: vendere o chiudere sulla stampante, che registra i suoi contatori, poi: fiskal-edge duty',
      ),
    ],
  })
  const devices = [printer.device()]
  expect((await auditedBy(shop, { devices })).parts.find(({ name }) => name === 'Ripristini')).toMatchObject({
    valid: false,
  })
  const moved = { ...register, till: shop.client({ 'X-Register-Api-Key': register.key }) }
  await sell(moved, '6.00')
  expect(await partOf(shop)).toMatchObject({
    valid: false,
    findings: [expect.stringMatching(/Confrontati da allora: rt-1 .*Manca il motivo: fiskal-edge duty/)],
  })
  await shop.agent.administration.confirmTask('epoch-2', 'Platte defekt, documento 2 über 517,00 EUR auf Papier')
  await counted(moved, '59.00')
  await moved.till.create(closing(moved, '0.00'))
  const { code, parts, report } = await auditedBy(shop, { devices })
  expect([code, parts.filter(({ valid }) => !valid)]).toEqual([0, []])
  expect(report).toMatch(
    /^- Ciò che è avvenuto tra il backup .*; motivo: Platte defekt, documento 2 über 517,00 EUR auf Papier\.$/m,
  )
})
