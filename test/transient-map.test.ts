import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { TransientMap } from '../base/transient-map.ts'
import { heavy } from './tags.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as (options: { type: 'major' | 'minor' }) => void

const GUESTS = 2000
const GUEST_WORDS = 1250
const IN_AT_ONCE = 20

/** MB of the heap that quick collections leave after `GUESTS` entries of 10 KB, of which a few were in at a time. */
function leftBehind(map: Pick<TransientMap<number, number[]>, 'set' | 'delete'>): number {
  // Its first table is old by then, as that of every map which was made at the start.
  map.set(-1, [])
  map.delete(-1)
  collect({ type: 'major' })
  const before = getHeapStatistics().used_heap_size
  for (let guest = 0; guest < GUESTS; guest++) {
    map.set(guest, new Array<number>(GUEST_WORDS).fill(guest + 0.5))
    map.delete(guest - IN_AT_ONCE)
    if (guest % 100 === 0) collect({ type: 'minor' })
  }
  collect({ type: 'minor' })
  return (getHeapStatistics().used_heap_size - before) / 1e6
}

describe('a map of transient entries', () => {
  test(
    'a removed entry is freed by the next quick collection; a Map of V8 keeps it until the next full one',
    heavy(),
    () => {
      expect(leftBehind(new Map())).toBeGreaterThan(5)
      expect(leftBehind(new TransientMap())).toBeLessThan(3)
    },
  )

  test('after many removals it holds the same as a Map, in the same order', () => {
    const map = new TransientMap<string, number>()
    const byName = new Map<string, number>()
    for (let step = 0; step < 1000; step++) {
      const [added, left] = [`guest ${step % 70}`, `guest ${(step * 7) % 90}`]
      map.set(added, step)
      byName.set(added, step)
      expect(map.delete(left)).toBe(byName.delete(left))
      expect([map.size, map.has(left), map.get(added)]).toEqual([byName.size, false, byName.get(added)])
      expect([...map.values()]).toEqual([...byName.values()])
      expect(map.first()).toEqual([...byName][0])
    }
    map.clear()
    expect([map.size, map.first(), map.has('guest 1')]).toEqual([0, undefined, false])
  })
})
