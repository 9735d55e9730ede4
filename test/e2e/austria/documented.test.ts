import { expect, test } from 'vitest'
import { heavy } from '../../tags.ts'
import { Bench } from '../bench.ts'
import type { Block } from '../documented-page.ts'
import { compareReceipt, playExample, sectionsOf } from '../documented-page.ts'
import { event } from '../goods.ts'
import { dep131Rows, LOCATION, MERCHANT, ONE_CARD, verifiedDep } from './shop.ts'
import { fields } from './trade.ts'

const sections = await sectionsOf(new URL('../../../docs/austria.md', import.meta.url))

/** `about` names what is shown and the operation: its receipt, or fields 5 to 9 of its code. */
async function compareText({ office }: Bench, { about, content }: Block): Promise<void> {
  const [kind, key = ''] = about.split(' ')
  if (kind === 'code') expect(fields(await office.read(key)), about).toBe(content.trim())
  else await compareReceipt(office, about, content)
}

/** The rows of an operation, with the columns of the page. */
async function compareRows(bench: Bench, register: string, { about, content }: Block): Promise<void> {
  const [, key = ''] = about.split(' ')
  const [columns = [], ...shown] = content
    .trim()
    .split('\n')
    .map((line) => line.split(';'))
  const { id } = await bench.office.read(key)
  const { id: registerId } = await bench.office.get(`/v1/registers/${register}`)
  const rows = (await dep131Rows(bench, String(registerId))).filter(({ operation }) => operation === id)
  expect(
    rows.map((row) => columns.map((column) => row[column])),
    about,
  ).toEqual(shown)
}

test.each(sections.map((section) => [section.title, section] as const))(
  'the examples of docs/austria.md are answered, signed and printed as it says: %s',
  heavy(),
  async (_title, { blocks }) => {
    await using bench = await Bench.open({ config: ONE_CARD })
    const { office } = bench
    await office.call({ path: '/v1/merchants', body: MERCHANT, key: 'merchant-1' })
    await office.call({ path: '/v1/locations', body: LOCATION, key: 'location-1' })
    await office.call({
      path: '/v1/registers',
      body: { location_id: 'key:location-1', name: 'Kassa', fiscal_device: 'card-1' },
      key: 'register-1',
    })
    await office.post('/v1/registers/key:register-1/fiscalize', {}, 202)
    await office.create(event('session_open', 'key:register-1', { opening_balance_amount: '100.00' }))
    for (const block of blocks.filter(({ language }) => language === 'http')) await playExample(block, office)
    for (const block of blocks) {
      if (block.language === 'text') await compareText(bench, block)
      if (block.language === 'csv') await compareRows(bench, 'key:register-1', block)
    }
    const { id } = await office.get('/v1/registers/key:register-1')
    expect(await verifiedDep(bench, String(id))).toMatchObject({ valid: true, findings: [] })
  },
)

test('every example of docs/austria.md is of a kind that is played', () => {
  expect(sections.length).toBeGreaterThan(1)
  const kinds = sections.flatMap(({ blocks }) => blocks.map(({ language }) => language))
  expect(kinds.filter((kind) => !['http', 'csv', 'text'].includes(kind))).toEqual([])
})
