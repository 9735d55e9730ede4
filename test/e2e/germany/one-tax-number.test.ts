import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { rowsOf } from '../../../verify/dsfinvk/rows.ts'
import { verifyDsfinvk } from '../../../verify/dsfinvk/verify-package.ts'
import { inDirectory } from '../../laws/germany/dsfinvk/package.ts'
import { heavy } from '../../tags.ts'
import type { Register } from '../bench.ts'
import { Bench, GERMAN_LOCATION, GERMAN_MERCHANT } from '../bench.ts'
import type { Members } from '../client.ts'
import { event, goods, pay } from '../goods.ts'
import { closing, counted } from '../shift.ts'

type Numbers = { tax_number: string | null; vat_id: string | null }

const BOTH: Numbers = { tax_number: '27/123/45678', vat_id: 'DE123456789' }
function identities(numbers: Numbers): Members[] {
  return [{ country_code: 'DEU', ...numbers }]
}

async function shopWith(bench: Bench, numbers: Numbers): Promise<{ register: Register; path: string }> {
  const merchant = await bench.office.post('/v1/merchants', {
    ...GERMAN_MERCHANT,
    fiscal_identities: identities(numbers),
  })
  const { id: locationId } = await bench.office.post('/v1/locations', GERMAN_LOCATION)
  return { register: await bench.register(String(locationId)), path: `/v1/merchants/${String(merchant['id'])}` }
}

async function shift({ id, till }: Register): Promise<string> {
  await till.create(event('session_open', id, { opening_balance_amount: '0.00' }))
  const sold = await till.create(goods('sale', id, [['1.00', '0.07']]))
  await till.complete(sold, [pay('card', '1.00')])
  return sold.id
}

async function ends(register: Register): Promise<void> {
  await counted(register, '0.00')
  await register.till.create(closing(register, '0.00'))
}

/** The numbers of each closing: STNR, USTID and LOC_USTID of a package that verifies. */
function booked(bench: Bench): Promise<string[][]> {
  return inDirectory(async (directory) => {
    const file = join(directory, 'package.zip')
    await writeFile(file, await bench.exported('dsfinvk'))
    const report = await verifyDsfinvk(file, {})
    if (!report.valid) throw new Error(JSON.stringify(report.findings))
    const rows: string[][] = []
    for await (const row of rowsOf(file, 'cashpointclosing')) rows.push([row['STNR'] ?? '?', row['USTID'] ?? '?'])
    let at = 0
    for await (const row of rowsOf(file, 'location')) rows[at++]?.push(row['LOC_USTID'] ?? '?')
    return rows
  })
}

test.each<[string, Numbers, string[], Members[]]>([
  [
    'no VAT number',
    { ...BOTH, vat_id: null },
    ['27/123/45678', '', ''],
    [{ label: 'Steuernummer', value: '27/123/45678' }],
  ],
  [
    'no tax number',
    { ...BOTH, tax_number: null },
    ['', 'DE123456789', 'DE123456789'],
    [{ label: 'USt-IdNr.', value: 'DE123456789' }],
  ],
])(
  'a shop with %s sells: one row on the receipt, and the other columns empty',
  heavy(),
  async (_what, numbers, row, rows) => {
    await using bench = await Bench.open()
    const { register } = await shopWith(bench, numbers)
    const sale = await shift(register)
    const { till } = register
    const paper = await till.get(`/v1/operations/${sale}/receipt`)
    expect(paper).toMatchObject({ merchant: { identifiers: rows } })
    for (const [form, type] of [
      ['html', 'text/html'],
      ['txt', 'text/plain'],
    ]) {
      const response = await fetch(`${bench.url}/v1/operations/${sale}/receipt.${form}`, {
        headers: { 'X-Register-Api-Key': register.key, Accept: String(type) },
      })
      const text = await response.text()
      expect(response.status).toBe(200)
      expect(text).not.toMatch(/null/)
      expect(text.includes('Steuernummer')).toBe(numbers.tax_number !== null)
      expect(text.includes('USt-IdNr.')).toBe(numbers.vat_id !== null)
    }
    await ends(register)
    expect(await booked(bench)).toEqual([row])
  },
)

test(
  'a number that a shop drops or gains in a session waits for the close, and each closing has those of its time',
  heavy(),
  async () => {
    await using bench = await Bench.open()
    const { register, path } = await shopWith(bench, BOTH)
    for (const numbers of [{ ...BOTH, vat_id: null }, BOTH]) {
      await shift(register)
      const before = (await bench.office.get(path))['fiscal_identities']
      const reason = numbers.vat_id === null && { reason: 'correction' }
      const answer = await bench.office.patch(path, { fiscal_identities: identities(numbers), ...reason })
      expect(answer).toMatchObject({
        fiscal_identities: before,
        pending_changes: { fiscal_identities: identities(numbers) },
      })
      await ends(register)
      expect(await bench.office.get(path)).toMatchObject({ fiscal_identities: identities(numbers) })
    }
    expect(await booked(bench)).toEqual([
      ['27/123/45678', 'DE123456789', 'DE123456789'],
      ['27/123/45678', '', ''],
    ])
  },
)

test.each<[string, Members, string]>([
  ['both numbers null', { tax_number: null, vat_id: null }, '/fiscal_identities/0'],
  ['a blank number and null', { tax_number: ' ', vat_id: null }, '/fiscal_identities/0'],
  ['no member vat_id', { tax_number: '27/123/45678' }, '/fiscal_identities/0/vat_id'],
  ['no member tax_number', { vat_id: 'DE123456789' }, '/fiscal_identities/0/tax_number'],
  ['an empty vat_id', { tax_number: '27/123/45678', vat_id: '' }, '/fiscal_identities/0/vat_id'],
  ['an empty tax_number', { tax_number: '', vat_id: 'DE123456789' }, '/fiscal_identities/0/tax_number'],
])('a German identity with %s is refused, in a new merchant and in a change', async (_what, members, pointer) => {
  await using bench = await Bench.open()
  const { path } = await shopWith(bench, BOTH)
  const sent = { fiscal_identities: [{ country_code: 'DEU', ...members }] }
  for (const call of [
    { path: '/v1/merchants', body: { ...GERMAN_MERCHANT, ...sent } },
    { method: 'PATCH' as const, path, body: sent },
  ]) {
    const refusal = await bench.office.refused(call)
    expect(refusal).toMatchObject({ status: 400, code: 'invalid_request', fiscal_effect: 'none' })
    expect(refusal.details).toMatchObject({ reason: 'schema', errors: [{ pointer }] })
  }
})
