import { expect, test } from 'vitest'
import type { Members } from '../../../agent/journal/events.ts'
import { BindingClosings } from '../../../agent/laws/austria/binding-closings.ts'
import { documentOf } from '../../some-document.ts'

type Made = { id: string; type: string; register: string; state?: string; refused?: boolean }

function journalled() {
  const closings: Made[] = []
  let read = 0
  const bindings = new BindingClosings({
    resources: (_type, _filter, after, limit) =>
      closings
        .map(({ id, register: of }, index) => ({ id, register: of, seq: index + 1 }) as never)
        .filter((row: Members) => Number(row['seq']) > after)
        .slice(0, limit),
    closing: (id) => {
      read += 1
      const { type, state = 'succeeded' } = closings.find((closing) => closing.id === id) as Made
      return documentOf('closing', { set: { id, type, fiscal: { state } } })
    },
    progress: (id) => {
      const isRefused = closings.find((closing) => closing.id === id)?.refused === true
      return isRefused ? { at: 'ended', as: 'refused' } : { at: 'idle' }
    },
  })
  const reads = (): number => {
    const made = read
    read = 0
    return made
  }
  /** How many were read in each portion. */
  const portions = (): number[] => {
    reads()
    return Array.from(bindings.read(), reads)
  }
  const ids = (register = 'reg_1'): string[] => bindings.of(register).map(({ id }) => id)
  return { closings, ids, reads, portions }
}

test('of thousands of closings each is read once in portions of 100, and the binding ones are listed', () => {
  const { closings, ids, reads, portions } = journalled()
  closings.push({ id: 'start', type: 'start', register: 'reg_1' })
  for (let day = 0; day < 2500; day += 1) closings.push({ id: `zero-${day}`, type: 'zero', register: 'reg_1' })
  closings.push({ id: 'year', type: 'annual', register: 'reg_1' }, { id: 'other', type: 'start', register: 'reg_2' })
  expect(portions()).toEqual([...Array.from({ length: 25 }, () => 100), 3])
  expect(ids()).toEqual(['start', 'year'])
  expect(ids('reg_2')).toEqual(['other'])
  expect(reads()).toBe(3)
  expect([portions(), ids(), reads()]).toEqual([[], ['start', 'year'], 0])
  closings.push({ id: 'final', type: 'final', register: 'reg_1' })
  expect([portions(), ids()]).toEqual([[1], ['start', 'year', 'final']])
})

test('a closing that is still requested is looked at again, and a refused one binds nothing', () => {
  const { closings, ids, reads, portions } = journalled()
  const asked: Made = { id: 'asked', type: 'annual', register: 'reg_1', state: 'pending' }
  closings.push(asked, { id: 'year', type: 'annual', register: 'reg_1' })
  portions()
  expect(ids()).toEqual(['asked', 'year'])
  asked.refused = true
  expect(ids()).toEqual(['year'])
  reads()
  expect([ids(), reads()]).toEqual([['year'], 0])
})
