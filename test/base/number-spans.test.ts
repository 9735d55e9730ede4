import { expect, test } from 'vitest'
import { NumberSpans } from '../../base/number-spans.ts'
import { fc } from '../properties.ts'

const span = fc.tuple(fc.nat(60), fc.nat(8)).map(([from, more]) => ({ from, to: from + more }))

test('a set of numbers holds what was added in any order, and names each hole once', () => {
  fc.assert(
    fc.property(fc.array(span, { maxLength: 30 }), span, (spans, asked) => {
      const numbers = new NumberSpans()
      const plain = new Set<number>()
      for (const { from, to } of spans) {
        numbers.add(from, to)
        for (let number = from; number <= to; number++) plain.add(number)
      }
      const held = [...plain].sort((one, other) => one - other)
      const missing = numbers.missing(asked.from, asked.to)
      const holes = missing.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, index) => from + index))
      const all = Array.from({ length: asked.to - asked.from + 1 }, (_, index) => asked.from + index)
      expect(holes).toEqual(all.filter((number) => !plain.has(number)))
      expect(all.filter((number) => numbers.has(number))).toEqual(all.filter((number) => plain.has(number)))
      expect(numbers.countTo(asked.to)).toBe(held.filter((number) => number <= asked.to).length)
      expect(numbers.first).toBe(held[0])
      // Two holes never touch: each is one range.
      expect(missing.every(({ from }, index) => from > (missing[index - 1]?.to ?? -2) + 1)).toBe(true)
    }),
  )
})

test('in any order, the missing numbers between the lowest and the highest are known, and so are the present ones', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (counters) => {
      const numbers = new NumberSpans(65_536)
      const seen = new Set<number>()
      for (const counter of counters) {
        expect(numbers.add(counter, counter, `of ${counter}`)).toBe(seen.has(counter) ? 'twice' : 'new')
        seen.add(counter)
      }
      const missing: number[] = []
      for (const { from, to, file } of numbers.gaps()) {
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
  const numbers = new NumberSpans(65_536)
  const added = Array.from({ length: 65_537 }, (_, index) => numbers.add(2 * index + 1))
  expect(added.indexOf('lost')).toBe(65_536)
  expect(numbers.gaps()).toHaveLength(65_535)
})
