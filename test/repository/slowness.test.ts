import { expect, test } from 'vitest'
import { slowness } from '../../scripts/tests/slowness.ts'

test('a machine is as slow as TEST_SLOWNESS says, and an ordinary one if it is absent', () => {
  expect(slowness({})).toBe(1)
  expect(slowness({ TEST_SLOWNESS: '1.5' })).toBe(1.5)
})

test.each(['', '0.5', '6', 'slow'])('TEST_SLOWNESS=%j is refused with the numbers that it may be', (given) => {
  expect(() => slowness({ TEST_SLOWNESS: given })).toThrow('TEST_SLOWNESS is a number from 1 to 5')
})
