import { expect, test } from 'vitest'
import { idMaker } from '../../base/ids.ts'

/** The alphabet of ULID, by which its ids are sorted as text. */
const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

function timeIn(id: string): number {
  return [...id.slice(3, 13)].reduce((time, digit) => time * 32 + CROCKFORD.indexOf(digit), 0)
}

test('an id begins with the time at which it was made, also after a step back of the clock', () => {
  const moments = [1_772_000_000_000, 1_772_000_000_000, 1_772_000_000_001, 1_771_999_999_999, 1_772_000_000_000]
  let nowMs = 0
  const newId = idMaker(
    () => nowMs,
    (length) => new Uint8Array(length),
  )
  const times = moments.map((ms) => {
    nowMs = ms
    return timeIn(newId('op'))
  })
  expect(times).toEqual(moments)
})

test('each id has other random bytes, also within the same millisecond', () => {
  let filled = 0
  const newId = idMaker(
    () => 1_772_000_000_000,
    (length) => new Uint8Array(length).fill(filled++),
  )
  expect(newId('op')).toMatch(/^op_\w{10}0{16}$/)
  expect(newId('op')).toMatch(/^op_\w{10}1{16}$/)
})
