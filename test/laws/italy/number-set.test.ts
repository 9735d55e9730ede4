import { expect, test } from 'vitest'
import { NumberSet } from '../../../agent/laws/italy/books/number-set.ts'
import { fc } from '../../properties.ts'

const span = fc.tuple(fc.nat(60), fc.nat(8)).map(([from, more]) => ({ from, to: from + more }))

test('a number set holds what was added in any order, and names each hole once', () => {
  fc.assert(
    fc.property(fc.array(span, { maxLength: 30 }), span, (spans, asked) => {
      const numbers = new NumberSet()
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
