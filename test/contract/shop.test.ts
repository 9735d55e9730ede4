import { describe, expect, test } from 'vitest'
import { COUNTRIES } from '../../agent/contract/countries.ts'
import { createDrawerOpening } from '../../agent/contract/drawer-opening.ts'
import * as exports from '../../agent/contract/export.ts'
import { customer, externalRelatedOperation } from '../../agent/contract/goods.ts'
import { JsonSchemas } from '../../agent/contract/json-schema.ts'
import { createLocation } from '../../agent/contract/location.ts'
import * as merchants from '../../agent/contract/merchant.ts'
import { completeOperation } from '../../agent/contract/operation.ts'
import { parse } from '../../agent/contract/parse.ts'
import { CONTRACT } from '../contract.ts'
import { payment } from './examples.ts'

const [createMerchant, updateMerchant] = [CONTRACT.of(merchants.createMerchant), CONTRACT.of(merchants.updateMerchant)]
const [merchant, createExport] = [CONTRACT.of(merchants.merchant), CONTRACT.of(exports.createExport)]

const address = { line1: 'Hauptstr. 1', city: 'Berlin', postal_code: '10115', country_code: 'DEU' }
const german = { country_code: 'DEU', tax_number: '29/815/08150', vat_id: 'DE123456789' }
const paid = { payments: [payment('cash', '1.00')] }
const italian = {
  country_code: 'ITA',
  legal_entity_type: 'COMPANY',
  tax_number: '00743110157',
  vat_number: '00743110157',
  fisconline_user: 'RSSMRA80A01H501U',
  fisconline_password: 'geheim-geheim',
  fisconline_pin: '1234567890',
}

function accepts(identity: object): boolean {
  const body = { legal_name: 'Bäckerei', country_code: 'DEU', address, fiscal_identities: [identity] }
  return createMerchant.safeParse(body).success
}

describe('fiscal identities', () => {
  test('a German one needs tax_number and vat_id', () => {
    expect(accepts(german)).toBe(true)
    expect(accepts({ ...german, vat_id: undefined })).toBe(false)
    expect(accepts({ ...german, tax_number: undefined })).toBe(false)
    // STNR of the DSFinV-K has 20 characters, and no identifier is cut.
    expect(accepts({ ...german, tax_number: '2'.repeat(20) })).toBe(true)
    expect(accepts({ ...german, tax_number: '2'.repeat(21) })).toBe(false)
    expect(accepts({ ...german, vat_id: 'DE12345678' })).toBe(false)
  })

  test('a German one says with null that the shop has no such number, and has at least one', () => {
    expect(accepts({ ...german, vat_id: null })).toBe(true)
    expect(accepts({ ...german, tax_number: null })).toBe(true)
    expect(accepts({ ...german, vat_id: '' })).toBe(false)
    expect(accepts({ ...german, tax_number: '' })).toBe(false)
    expect(accepts({ country_code: 'DEU', vat_id: 'DE123456789' })).toBe(false)
    expect(accepts({ country_code: 'DEU', tax_number: '29/815/08150' })).toBe(false)
    for (const number of [null, ' ', '\u200b'])
      expect(() =>
        parse(createMerchant, {
          legal_name: 'Bäckerei',
          country_code: 'DEU',
          address,
          fiscal_identities: [{ country_code: 'DEU', tax_number: number, vat_id: null }],
        }),
      ).toThrow('/fiscal_identities/0: needs tax_number or vat_id: only one of them may be null.')
    expect(accepts({ ...german, tax_number: ' ' })).toBe(true)
  })

  test('an Austrian one needs one of vat_id and tax_number', () => {
    expect(accepts({ country_code: 'AUT', vat_id: 'ATU12345678' })).toBe(true)
    expect(accepts({ country_code: 'AUT', tax_number: '98 123/4567' })).toBe(true)
    expect(accepts({ country_code: 'AUT' })).toBe(false)
    expect(accepts({ country_code: 'AUT', vat_id: 'AT12345678' })).toBe(false)
    const neither = {
      legal_name: 'Bäckerei',
      country_code: 'AUT',
      address,
      fiscal_identities: [{ country_code: 'AUT' }],
    }
    expect(() => parse(createMerchant, neither)).toThrow('/fiscal_identities/0/vat_id: needs vat_id or tax_number.')
  })

  test('an Italian one needs both numbers, and the check digit of the Partita IVA', () => {
    expect(accepts(italian)).toBe(true)
    expect(accepts({ ...italian, tax_number: 'RSSMRA80A01H501U' })).toBe(true)
    expect(accepts({ ...italian, vat_number: '00743110158' })).toBe(false)
    expect(accepts({ ...italian, vat_number: '07643110157' })).toBe(false)
  })

  test('an Italian one has all three Fisconline members, or none', () => {
    const { fisconline_user: user, fisconline_password: password, fisconline_pin: pin, ...none } = italian
    expect(accepts(none)).toBe(true)
    for (const some of [
      { fisconline_user: user },
      { fisconline_password: password },
      { fisconline_pin: pin },
      { fisconline_user: user, fisconline_pin: pin },
      { fisconline_user: user, fisconline_password: password },
      { fisconline_password: password, fisconline_pin: pin },
    ])
      expect(accepts({ ...none, ...some }), Object.keys(some).join()).toBe(false)
  })

  test('the old member country is refused, and two of one country', () => {
    const { country_code, ...rest } = german
    expect(accepts({ ...rest, country: country_code })).toBe(false)
    const body = { legal_name: 'B', country_code: 'DEU', address, fiscal_identities: [german, german] }
    expect(createMerchant.safeParse(body).success).toBe(false)
  })

  test('an answered merchant has no room for Fisconline secrets', () => {
    const { fisconline_password, fisconline_pin, ...shown } = italian
    const answer = {
      id: 'merchant_1',
      legal_name: 'Forno',
      country_code: 'ITA',
      address,
      status: 'active',
      metadata: null,
      created_at: '2026-02-25T20:14:55.120Z',
      updated_at: '2026-02-25T20:14:55.120Z',
    }
    expect(merchant.safeParse({ ...answer, fiscal_identities: [shown] }).success).toBe(true)
    expect(merchant.safeParse({ ...answer, fiscal_identities: [{ ...shown, fisconline_pin }] }).success).toBe(false)
    expect(merchant.safeParse({ ...answer, fiscal_identities: [{ ...shown, fisconline_password }] }).success).toBe(
      false,
    )
  })
})

describe('scalars', () => {
  test.each([
    ['Europe/Berlin', true],
    ['UTC', true],
    ['Europe/Atlantis', false],
    ['+01:00', false],
    ['', false],
  ])('the time zone %j: %s', (timezone, ok) => {
    expect(createLocation.safeParse({ name: 'Filiale', address, timezone }).success).toBe(ok)
  })

  test.each([
    ['2026-02-25T20:14:55Z', true],
    ['2026-02-25T21:14:55.1+01:00', true],
    ['2026-02-25 20:14:55Z', false],
    ['2026-02-25T20:14:55', false],
    ['2026-02-30T20:14:55Z', false],
    ['9999-12-31T23:59:59Z', true],
    ['9999-12-31T23:59:59-00:01', false],
    ['0000-01-01T00:00:00Z', true],
    ['0000-01-01T00:00:00+00:01', false],
  ])('the time %j: %s', (occurred_at, ok) => {
    expect(createDrawerOpening.safeParse({ occurred_at }).success).toBe(ok)
  })

  test('an export range must not run backwards', () => {
    const range = (from: string, to: string) => createExport.safeParse({ type: 'tse_tar', from, to }).success
    expect(range('2026-02-25T00:00:00Z', '2026-02-26T00:00:00Z')).toBe(true)
    expect(range('2026-02-25T00:00:00+01:00', '2026-02-24T23:00:00Z')).toBe(true)
    expect(range('2026-02-26T00:00:00Z', '2026-02-25T00:00:00Z')).toBe(false)
  })
})

describe('countries', () => {
  const body = { legal_name: 'Bäckerei', country_code: 'DEU', address }

  test.each(['DEU', 'CHE', 'ALA', 'GBR', 'ZWE'])('%s of ISO 3166-1 is taken, in every address', (country_code) => {
    expect(createMerchant.safeParse({ ...body, country_code }).success).toBe(true)
    expect(createMerchant.safeParse({ ...body, address: { ...address, country_code } }).success).toBe(true)
    expect(customer.safeParse({ address: { ...address, country_code } }).success).toBe(true)
  })

  test.each(['QQQ', 'EUR', 'GER', 'ROM', 'XKX', 'deu', 'DE', ''])('%j is refused', (country_code) => {
    const words = 'country_code: must be an ISO 3166-1 alpha-3 code such as "DEU".'
    expect(() => parse(createMerchant, { ...body, country_code })).toThrow(`/${words}`)
    const elsewhere = { ...address, country_code }
    expect(() => parse(createMerchant, { ...body, address: elsewhere })).toThrow(`/address/${words}`)
    expect(() => parse(updateMerchant, { address: elsewhere })).toThrow(`/address/${words}`)
    const location = { name: 'Filiale', address: elsewhere, timezone: 'Europe/Berlin' }
    expect(() => parse(createLocation, location)).toThrow(`/address/${words}`)
    expect(() => parse(completeOperation, { ...paid, customer: { address: elsewhere } })).toThrow(
      `/customer/address/${words}`,
    )
  })

  test('are the 249 of ISO 3166-1', () => {
    expect([COUNTRIES.length, new Set(COUNTRIES).size]).toEqual([249, 249])
    expect(new JsonSchemas(CONTRACT).components()['CountryCode']).toMatchObject({ type: 'string', enum: COUNTRIES })
  })
})

test('a customer has an e-mail address and a telephone number, at completion too', () => {
  const reached = { email: 'erika@example.com', phone: '+49 30 1234567' }
  expect(parse(customer, reached)).toEqual(reached)
  expect(parse(completeOperation, { ...paid, customer: reached }).customer).toEqual(reached)
  for (const wrong of [{ email: '' }, { phone: '1'.repeat(256) }]) expect(customer.safeParse(wrong).success).toBe(false)
})

test('the number of an operation elsewhere has up to 255 characters', () => {
  const external = (length: number) => ({ description: 'Shop', external_operation_id: 'x'.repeat(length) })
  expect(externalRelatedOperation.safeParse(external(255)).success).toBe(true)
  expect(externalRelatedOperation.safeParse(external(256)).success).toBe(false)
})
