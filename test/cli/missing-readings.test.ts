import { expect, test } from 'vitest'
import { readingsOf } from '../../agent/cli/audit/missing-readings.ts'

function range(z: number, from: number, to: number, day = '2026-03-02', until = day) {
  return { act: 'documents' as const, z, from, to, day, until }
}

test('documents of one period that are near each other are read at once, with the days of all', () => {
  const [reading, ...more] = readingsOf([range(7, 9, 9, '2026-03-03'), range(7, 3, 4), range(7, 5, 5)])
  expect(more).toEqual([])
  expect(reading?.range).toEqual(range(7, 3, 9, '2026-03-02', '2026-03-03'))
  expect([...(reading?.wanted ?? [])]).toEqual([3, 4, 5, 9])
})

test('the newest documents are read first, and never more than two hundred at once', () => {
  const singles = Array.from({ length: 300 }, (_, index) => range(7, index + 1, index + 1))
  const readings = readingsOf([...singles, range(6, 1, 1), range(7, 900, 900)])
  expect(readings.map(({ range: { z, from, to } }) => [z, from, to])).toEqual([
    [7, 900, 900],
    [7, 201, 300],
    [7, 1, 200],
    [6, 1, 1],
  ])
})
