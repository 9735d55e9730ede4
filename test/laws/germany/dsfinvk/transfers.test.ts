import { expect, test } from 'vitest'
import type { Members } from '../../../../agent/journal/events.ts'
import { sumsOf } from '../../../../agent/laws/germany/books/operation-sums.ts'
import type { Bon, BonTse } from '../../../../agent/laws/germany/dsfinvk/bon.ts'
import { ClosingVat } from '../../../../agent/laws/germany/dsfinvk/closing-vat.ts'
import { documentBon } from '../../../../agent/laws/germany/dsfinvk/document-bon.ts'
import { processDataOf } from '../../../../agent/laws/germany/process-data.ts'
import { formatCents } from '../../../../base/money.ts'
import { verifyDsfinvk } from '../../../../verify/dsfinvk/verify-package.ts'
import { documentOf } from '../../../some-document.ts'
import { inDirectory, packageOf } from './package.ts'
import { closingOf, Signer, sourceOf } from './signer.ts'

const TEXT = 'AVTransfer^24.00_6.50_0.00_0.00_-30.50^'
/** As earlier versions signed it. */
const FORMER = 'AVTransfer^24.00_6.50_0.00_0.00_0.00^'
const START = Date.parse('2026-03-02T07:00:00Z')
const AT = { number: 1, createdAt: '2026-03-02T17:05:02+01:00' }

function line(total: string, rate: string): Members {
  const taxes = [{ name: 'USt', rate, tax_amount: '0' }]
  return { sku_identifier: 'sku', title: 'Ware', quantity: 1, unit_price: total, total_amount: total, taxes }
}

function transferOf(fiscal: Members) {
  const line_items = [line('24.00', '0.19'), line('6.50', '0.07')]
  const set: Members = { id: 'op', type: 'transfer', status: 'completed', tip_amount: '0.00', total_amount: '30.50' }
  return documentOf('transfer', { set: { ...set, line_items, ...fiscal } })
}

function signedAs({ serial, ...tse }: Extract<BonTse, { state: 'signed' }>): Members {
  const end_event = {
    signed_at: new Date(tse.endMs).toISOString(),
    transaction_counter: tse.counter,
    signature: tse.signature,
    process_type: tse.processType,
    process_data: tse.processData,
  }
  const [tss_serial_number, transaction_number] = [serial, tse.transaction]
  const start_event = { signed_at: new Date(tse.startMs).toISOString() }
  return {
    fiscal: { state: 'succeeded' },
    fiscal_information: { regime: 'KassenSichV', tss_serial_number, transaction_number, start_event, end_event },
  }
}

/** Its bon, signed with that text, or by no TSE. */
function bonOf(signer: Signer, text: string | undefined) {
  const tse = text === undefined ? undefined : signer.finish(text, 'Kassenbeleg-V1', START, START + 1000)
  const fiscal = tse?.state === 'signed' ? signedAs(tse) : { fiscal: { state: 'failed' }, fiscal_information: null }
  const document = transferOf(fiscal)
  const frame = { leftCents: undefined, defaultOperator: 'POS', tseSerial: '', refer: () => undefined }
  const times = { start: '2026-03-02T08:00:00+01:00', end: '2026-03-02T08:00:01+01:00' }
  const bon = documentBon(document, { ...frame, vat: new ClosingVat('2026-03-02') }, 1, times)
  if (bon === undefined) throw new Error('no bon')
  return { bon, document }
}

async function verdictOn(signer: Signer, bon: Bon) {
  return inDirectory(async (directory) =>
    verifyDsfinvk(await packageOf(sourceOf(closingOf(AT, [bon], [signer])), directory)),
  )
}

test.each([
  ['signed with the claim of the other system', TEXT, -3050n],
  ['signed by an earlier version', FORMER, 0n],
  ['unsigned', undefined, -3050n],
])('a transfer, %s, has the rows and the sums of its text', async (_what, text, claim) => {
  const signer = new Signer('EDGE-000123')
  const { bon, document } = bonOf(signer, text)
  expect(processDataOf(document)).toBe(TEXT)
  const claims = bon.lines.filter(({ businessCase }) => businessCase === 'Forderungsentstehung')
  expect(claims.flatMap(({ vat }) => vat)).toEqual(claim === 0n ? [] : [{ key: 5, cents: claim }])
  expect(bon.lines.at(-1)?.businessCase).toBe(claim === 0n ? 'Umsatz' : 'Forderungsentstehung')
  const { type, kinds } = sumsOf(document.parts)
  expect(`${type}^${kinds.map(formatCents).join('_')}^`).toBe(text ?? TEXT)
  expect(await verdictOn(signer, bon)).toMatchObject({ valid: true, findings: [] })
})

test('a transfer that no TSE signed must deduct the claim, and a signed one must have the rows of its text', async () => {
  const signer = new Signer('EDGE-000123')
  const [{ bon: unsigned }, { bon: signed }] = [bonOf(signer, undefined), bonOf(signer, TEXT)]
  const withoutClaim = (bon: Bon): Bon => ({ ...bon, lines: bon.lines.slice(0, -1) })
  const verdict = async (bon: Bon) => verdictOn(signer, bon).catch((error: { findings?: unknown }) => error)
  expect(await verdict(withoutClaim(unsigned))).toMatchObject({
    findings: [{ file: 'transactions.csv', column: 'UMS_BRUTTO', rule: 'Anhang I' }],
  })
  expect(await verdict(withoutClaim(signed))).toMatchObject({
    findings: [{ file: 'transactions_tse.csv', column: 'TSE_VORGANGSDATEN' }],
  })
})
