// @module-tag heavy
import { writeFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { signingInputOf } from '../../agent/laws/austria/jws.ts'
import { parsePayload } from '../../agent/laws/austria/machine-code.ts'
import { systemClock } from '../../base/clock.ts'
import { Pkcs11Card } from '../../drivers/card-pkcs11/driver.ts'
import { audited } from '../cli/audited.ts'
import { SOFTHSM, tokensOfFile } from '../drivers/native/soft-token.ts'
import { austrianTill, sell } from '../e2e/austria/shop.ts'
import { Bench } from '../e2e/bench.ts'
import { endShift } from '../e2e/shift.ts'
import { verifyJournal } from '../verified-journal.ts'
import { chainedAgain, inFiles, turnoverKey, verifiedFiles } from './austrian-insider.ts'
import { linesOf, rewriteEvents, withoutOperation } from './insider.ts'

// The insider has the card and its PIN: he cuts a sale out, and has the rest of the chain signed again. A card counts
// nothing, so nothing in the shop shows it. Copies that left the shop before do.

const PIN = '74091358'
const tokens = tokensOfFile(async (made) => {
  await made.makeToken('kassa', PIN)
  writeFileSync(join(made.folder, 'pin'), PIN, { mode: 0o600 })
})

function device() {
  const pinFile = join(tokens.folder, 'pin')
  return { id: 'card-1', driver: 'card-pkcs11', module: SOFTHSM, token: 'kassa', vda: 'AT1', pinFile }
}

/** His own program with the card of the shop. */
async function withCard<Result>(work: (card: Pkcs11Card) => Promise<Result>): Promise<Result> {
  const { module, token, vda } = device()
  const options = { module, token, vda, directory: tokens.folder, pin: async () => PIN, clock: systemClock }
  const card = new Pkcs11Card({ id: 'card-1', ...options })
  await card.open()
  try {
    return await work(card)
  } finally {
    await card.close()
  }
}

test('a chain that the card signed again is sound in journal, DEP7 and audit; an older copy differs', async () => {
  await using bench = await Bench.open({ config: { devices: [device()] } })
  await bench.agent.administration.deviceAct('card-1', 'init')
  const register = await austrianTill(bench)
  await sell(register, '2.00')
  const { id } = await sell(register, '4.50')
  await sell(register, '3.00')
  await inFiles(bench, register.id, async ({ directory, dep7: older }) => {
    await sell(register, '1.00')
    const honest = join(directory, 'honest.json')
    await writeFile(honest, await bench.exported('dep7', { register_id: register.id }))
    const before = await verifiedFiles(older, honest)
    expect([before.code, before.together.summary]).toEqual([
      0,
      `2 DEP7s of register ${register.clientId}, 4 receipts are the same in an older and a newer one`,
    ])

    const key = await turnoverKey(bench, register.id)
    await bench.restart(async () => {
      const { state } = bench.config
      const lines = withoutOperation(linesOf(state), id)
      const again = await withCard((card) =>
        chainedAgain(lines, key, (payload) => {
          const { serial, cashBoxId: client } = parsePayload(payload)
          return card.sign(Buffer.from(signingInputOf(payload)), { serial, client, withinMs: 5000 })
        }),
      )
      await rewriteEvents(state, () => again)
    })
    await bench.untilDevice('ready')
    await sell(register, '6.00')
    expect(await verifyJournal(bench.config.state)).toMatchObject({ books: 'consistent', codes: [] })

    await inFiles(bench, register.id, async ({ directory: now, dep7: newer, journal, material }) => {
      const alone = await verifiedFiles(newer, journal, '--material', material)
      expect([alone.code, alone.together.findings]).toEqual([0, []])
      await endShift(register)
      const audit = await audited(bench, now)
      expect(audit.parts.filter(({ valid }) => !valid)).toEqual([])

      const { code, together } = await verifiedFiles(newer, older)
      expect(code).toBe(1)
      const facts = { number: '3', count: 2, older, newer }
      expect(together.codes).toMatchObject([{ code: 'rksv_older_copy_differs', register: register.clientId, facts }])
      expect(together.findings).toEqual([
        `Register ${register.clientId}: from receipt 3 on, the chain in ${newer} is not that of the older copy ${older} (2 receipts). (rksv_older_copy_differs)`,
      ])
      // The copy against the journal itself.
      const { together: beside } = await verifiedFiles(older, journal)
      expect(beside.codes?.map(({ code, facts: { number } }) => [code, number])).toEqual([
        ['rksv_dep_differs', '3'],
        ['rksv_dep_differs', '4'],
      ])
    })
  })
})

test('the report of an Austrian shop says that only older copies show a chain that was signed again', async () => {
  await using bench = await Bench.open({ config: { devices: [{ id: 'card-1', driver: 'card-simulator' }] } })
  const register = await austrianTill(bench)
  await sell(register, '2.00')
  await endShift(register)
  await inFiles(bench, register.id, async ({ directory }) => {
    const { code, folder, parts } = await audited(bench, directory)
    expect([code, parts.filter(({ valid }) => !valid)]).toEqual([0, []])
    const report = await readFile(join(folder, 'pruefbericht.txt'), 'utf8')
    expect(report).toMatch(
      /^Ergebnis: keine Beanstandung in dem, was verglichen wurde\.\nUmsatz .*\nNicht belegt ist:\n(- .*\n)*- Dass keine Belegkette/m,
    )
    expect(report).toContain(
      '2 Belege stimmen im DEP7 und im Journal überein, 2 Signaturen der aufgezeichneten Signatureinheiten',
    )
  })
})
