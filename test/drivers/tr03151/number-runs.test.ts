import { expect, test } from 'vitest'
import { NumberRuns } from '../../../drivers/tr03151/number-runs.ts'
import { fc } from '../../properties.ts'

test('in any order, the missing numbers between the lowest and the highest are known, and so are the present ones', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (counters) => {
      const runs = new NumberRuns(65_536)
      const seen = new Set<number>()
      for (const counter of counters) {
        expect(runs.add(counter, `of ${counter}`)).toBe(seen.has(counter) ? 'twice' : 'new')
        seen.add(counter)
      }
      const missing: number[] = []
      for (const { from, to, file } of runs.gaps()) {
        expect(file).toBe(`of ${to + 1}`)
        for (let counter = from; counter <= to; counter += 1) missing.push(counter)
      }
      const expected: number[] = []
      for (let counter = Math.min(...counters); counter < Math.max(...counters); counter += 1)
        if (!seen.has(counter)) expected.push(counter)
      expect(missing).toEqual(expected)
    }),
  )
})

test('more gaps than it remembers are reported, not guessed', () => {
  const runs = new NumberRuns(65_536)
  const added = Array.from({ length: 65_537 }, (_, index) => runs.add(2 * index + 1, ''))
  expect(added.indexOf('lost')).toBe(65_536)
  expect(runs.gaps()).toHaveLength(65_535)
})
