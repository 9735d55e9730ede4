import { expect, test } from 'vitest'
import { errorOf } from '../../../drivers/tse-swissbit/device-errors.ts'

test('a card that is gone may have signed before: the library looks for it at the end of a call too', () => {
  expect(errorOf('2', 'pulled in the middle')).toMatchObject({ code: 'unavailable', effect: 'unknown' })
  expect(errorOf('3', 'a broken line')).toMatchObject({ code: 'unavailable', effect: 'unknown' })
  expect(errorOf('1008', 'refused')).toMatchObject({ code: 'transaction_unknown', effect: 'none' })
})
