import { expect, test } from 'vitest'
import { Bench, GERMAN_MERCHANT } from '../bench.ts'

test('an Italian identity without Fisconline is answered without it, and a part of its secrets is refused', async () => {
  await using bench = await Bench.open()
  const identity = { country_code: 'ITA', tax_number: '12345678903', vat_number: '12345678903' }
  const bodyOf = (more: object) => ({
    ...{ ...GERMAN_MERCHANT, country_code: 'ITA', fiscal_identities: [{ ...identity, ...more }] },
  })
  const made = await bench.office.post('/v1/merchants', bodyOf({}))
  expect(made['fiscal_identities']).toEqual([identity])
  const refused = await bench.office.refused({ path: '/v1/merchants', body: bodyOf({ fisconline_pin: '123456' }) })
  expect(refused).toMatchObject({ status: 400, code: 'invalid_request', details: { reason: 'schema' } })
  expect(JSON.stringify(bench.journal())).not.toContain('fisconline')
})
