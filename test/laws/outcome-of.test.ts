import { expect, test } from 'vitest'
import type { Outcome } from '../../agent/laws/law.ts'
import { outcomeOf } from '../../agent/laws/outcome-of.ts'

type Shown = Outcome<{ start: { number: number }; finish: { signature: string } }>

test('a result concludes the act that returned it and no other', () => {
  const done: Shown = { kind: 'done', act: 'start', result: { number: 7 } }
  expect(outcomeOf(done, 'start')).toBe(done)
  expect(() => outcomeOf(done as Shown, 'finish')).toThrow('the result of another act concludes no finish')
})

test('a failure and an unknown outcome conclude any act', () => {
  const failed: Shown = { kind: 'failed', code: 'unavailable', message: 'No answer.' }
  expect(outcomeOf(failed as Shown, 'finish')).toBe(failed)
  expect(outcomeOf({ ...failed, kind: 'unknown' } as Shown, 'start')).toMatchObject({ kind: 'unknown' })
})
