import { expect, test } from 'vitest'
import { contractOf } from '../../agent/contract/contract-of.ts'
import { law } from '../../agent/contract/scalars.ts'
import { BUILT_IN_LAWS } from '../built-in-laws.ts'
import { RURITANIAN_LAW } from '../laws/ruritania/law.ts'

test('the contract is filled once for the same laws, and again for other ones', () => {
  const names = (laws: Parameters<typeof contractOf>[0]): string[] =>
    ['RKSV', 'Ruritania'].filter((name) => contractOf(laws).of(law).safeParse(name).success)
  const builtIn = contractOf(BUILT_IN_LAWS)
  expect(contractOf([...BUILT_IN_LAWS])).toBe(builtIn)
  expect(names(BUILT_IN_LAWS)).toEqual(['RKSV'])
  expect(names([...BUILT_IN_LAWS, RURITANIAN_LAW])).toEqual(['RKSV', 'Ruritania'])
  expect(names(BUILT_IN_LAWS)).toEqual(['RKSV'])
})
