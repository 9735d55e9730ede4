import { expect, test } from 'vitest'
import { ALL_FAMILIES } from '../../drivers/catalog.ts'
import { ENTRIES } from './levels.ts'

test('each family is recorded and played, except units in software', () => {
  const recorded = ALL_FAMILIES.filter(({ dialect }) => dialect !== undefined).map(({ driver }) => driver)
  expect(recorded.toSorted()).toEqual(Object.keys(ENTRIES).toSorted())
})
