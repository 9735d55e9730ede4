// @module-tag heavy
import { expect, test } from 'vitest'
import { departments } from '../../contracts/printer-bench.ts'
import { Bench } from '../bench.ts'
import { playExample, sectionsOf } from '../documented-page.ts'
import { event } from '../goods.ts'
import { LOCATION, MERCHANT } from './shop.ts'

/** The default departments of a printer, and that of the page. */
const PRINTER = { id: 'rt-1', driver: 'rt-simulator', departments: { ...departments, '0.22/servizi': 12 } }

const sections = await sectionsOf(new URL('../../../docs/italy.md', import.meta.url))

test.each(sections.map((section) => [section.title, section] as const))(
  'the examples of docs/italy.md are answered as it says: %s',
  async (_title, { blocks }) => {
    await using bench = await Bench.open({ config: { devices: [PRINTER] } })
    await bench.untilDevice('ready')
    const { office } = bench
    await office.call({ path: '/v1/merchants', body: MERCHANT, key: 'merchant-1' })
    await office.call({ path: '/v1/locations', body: LOCATION, key: 'location-1' })
    const body = { location_id: 'key:location-1', name: 'Cassa 1' }
    await office.call({ path: '/v1/registers', body, key: 'register-1' })
    await office.post('/v1/registers/key:register-1/fiscalize', {}, 202)
    await office.create(event('session_open', 'key:register-1', { opening_balance_amount: '50.00' }))
    for (const block of blocks) await playExample(block, office)
  },
)

test('every example of docs/italy.md is a request that is played', () => {
  expect(sections.length).toBeGreaterThan(1)
  expect(
    sections.flatMap(({ blocks }) => blocks.map(({ language }) => language)).filter((kind) => kind !== 'http'),
  ).toEqual([])
})
