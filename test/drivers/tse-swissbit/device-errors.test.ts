import { expect, test } from 'vitest'
import { errorOf } from '../../../drivers/tse-swissbit/device-errors.ts'

test('a card that is unplugged may have signed before: the library also looks for it after a call', () => {
  expect(errorOf('2', 'pulled in the middle')).toMatchObject({ code: 'unavailable', effect: 'unknown' })
  expect(errorOf('3', 'a broken line')).toMatchObject({ code: 'unavailable', effect: 'unknown' })
  expect(errorOf('1008', 'refused')).toMatchObject({ code: 'transaction_unknown', effect: 'none' })
})

test('a TSE that lost its power in the middle of a command may have signed: it is asked', () => {
  expect(errorOf('d', 'power cycle')).toMatchObject({ code: 'unavailable', effect: 'unknown' })
})

test('an export that was ended is not taken for one that found no log', () => {
  expect(errorOf('2001', 'none in progress')).toMatchObject({ code: 'export_running', effect: 'none' })
  expect(errorOf('2003', 'no data')).toMatchObject({ code: 'no_data', effect: 'none' })
})

test.each([
  ['6', 'garbled'],
  ['8', 'garbled'],
  ['10', 'unavailable'],
  ['13', 'timeout'],
  ['16', 'garbled'],
  ['1001', 'refused'],
  ['1015', 'refused'],
])('WormError 0x%s is %s, and the TSE is asked for the outcome', (code, expected) => {
  expect(errorOf(code, '')).toMatchObject({ code: expected, effect: 'unknown' })
})

test.each([
  ['e', 'out_of_service'],
  ['14', 'unavailable'],
  ['18', 'unavailable'],
  ['1004', 'transaction_unknown'],
  ['100d', 'refused'],
  ['f000', 'refused'],
])('WormError 0x%s is %s, and nothing was done', (code, expected) => {
  expect(errorOf(code, '')).toMatchObject({ code: expected, effect: 'none' })
})
