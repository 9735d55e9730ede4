import { expect, test } from 'vitest'
import { isCodiceFiscale, isPartitaIva } from '../base/tax-codes.ts'

test.each(['RSSMRA80A01H501U', 'RSSMRA85T10A562S', 'RSSMRA85T10A56NH'])('%s is a codice fiscale', (code) => {
  expect(isCodiceFiscale(code)).toBe(true)
})

test.each([
  ['another check letter', 'RSSMRA80A01H501V'],
  ['a changed digit', 'RSSMRA80A02H501U'],
  ['no letter of a month', 'RSSMRA80F01H501U'],
  ['letters that replace no digit', 'RSSMRA80A01H50AU'],
  ['15 characters', 'RSSMRA80A01H501'],
  ['small letters', 'rssmra80a01h501u'],
])('a code with %s is refused', (_, code) => {
  expect(isCodiceFiscale(code)).toBe(false)
})

test('a partita IVA has 11 digits and the right check digit', () => {
  expect(['12345678903', '00743110157'].map(isPartitaIva)).toEqual([true, true])
  expect(['12345678901', '1234567890', '1234567890A', ''].map(isPartitaIva)).toEqual([false, false, false, false])
})
