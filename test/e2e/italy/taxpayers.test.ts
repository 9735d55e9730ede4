import { expect, test } from 'vitest'
import { Bench } from '../bench.ts'
import { italianTill, LOCATION, MERCHANT, ONE_PRINTER } from './shop.ts'

test('a printer prints for one taxpayer: the register of another one is not fiscalized with it', async () => {
  await using bench = await Bench.open({ config: ONE_PRINTER })
  const [identity] = MERCHANT.fiscal_identities
  const fiscalized = async (code: string, vat: string) => {
    const identities = [{ ...identity, tax_number: code, vat_number: vat }]
    const merchant = await bench.office.post('/v1/merchants', { ...MERCHANT, fiscal_identities: identities })
    const office = bench.office.forMerchant(String(merchant['id']))
    const location = await office.post('/v1/locations', LOCATION)
    const register = await office.post('/v1/registers', { location_id: location['id'], name: 'Cassa' })
    return office.call({ path: `/v1/registers/${String(register['id'])}/fiscalize`, body: {} })
  }
  const first = await italianTill(bench)
  const refusal = await fiscalized('00743110157', '00743110157')
  expect([refusal.status, refusal.json['code']]).toEqual([409, 'fiscalization_conflict'])
  expect(refusal.json['details']).toMatchObject({ reason: 'taxpayer', other_register_id: first.id })
  // Two merchants may be one taxpayer: the members of a Gruppo IVA share the Partita IVA.
  expect((await fiscalized('RSSMRA80A01H501U', '12345678903')).status).toBe(202)
})
