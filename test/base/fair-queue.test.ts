import { expect, test } from 'vitest'
import { FairQueue } from '../../base/fair-queue.ts'
import { fc } from '../properties.ts'

/** What is left, in the order in which it is taken. */
function rest<Item>(queue: FairQueue<Item>): Item[] {
  const taken: Item[] = []
  for (let item = queue.take(); item !== undefined; item = queue.take()) taken.push(item)
  return taken
}

test('holders are served in turn, the items of one in order of arrival', () => {
  const queue = new FairQueue<string>()
  for (const item of ['a1', 'a2', 'a3', 'b1', 'c1', 'b2']) queue.add(item.slice(0, 1), item)
  expect([queue.size, queue.take()]).toEqual([6, 'a1'])
  queue.add('d', 'd1')
  expect(queue.all().sort()).toEqual(['a2', 'a3', 'b1', 'b2', 'c1', 'd1'])
  expect(rest(queue)).toEqual(['b1', 'c1', 'a2', 'd1', 'b2', 'a3'])
  expect([queue.size, queue.take()]).toEqual([0, undefined])
})

test('a holder that was served comes after the others, also with an item that it adds at once', () => {
  const queue = new FairQueue<string>()
  for (const item of ['a1', 'b1']) queue.add(item.slice(0, 1), item)
  expect(queue.take()).toBe('a1')
  queue.add('a', 'a2')
  expect(rest(queue)).toEqual(['b1', 'a2'])
})

test('an item that was removed is never taken, and one that was taken cannot be removed', () => {
  const queue = new FairQueue<string>()
  for (const item of ['a1', 'a2', 'b1']) queue.add(item.slice(0, 1), item)
  queue.remove('a', 'a1')
  queue.remove('a', 'a1')
  queue.remove('b', 'a2')
  expect([queue.size, queue.take()]).toEqual([2, 'a2'])
  queue.remove('a', 'a2')
  queue.remove('b', 'b1')
  expect([queue.size, queue.take()]).toEqual([0, undefined])
})

test('however many items the others have, an item waits for at most one of each of them', () => {
  const holders = fc.constantFrom('a', 'b', 'c', 'd')
  fc.assert(
    fc.property(fc.array(holders, { maxLength: 60 }), holders, (arrivals, holder) => {
      const queue = new FairQueue<{ holder: string; number: number }>()
      for (const [number, by] of arrivals.entries()) queue.add(by, { holder: by, number })
      const own = arrivals.filter((by) => by === holder).length
      const last = { holder, number: arrivals.length }
      queue.add(holder, last)
      const order = rest(queue)
      expect(order).toHaveLength(arrivals.length + 1)
      const before = order.slice(0, order.indexOf(last))
      for (const other of ['a', 'b', 'c', 'd'])
        expect(before.filter((item) => item.holder === other).length).toBeLessThanOrEqual(own + 1)
      for (const other of ['a', 'b', 'c', 'd']) {
        const numbers = order.filter((item) => item.holder === other).map(({ number }) => number)
        expect(numbers).toEqual(numbers.toSorted((one, two) => one - two))
      }
    }),
  )
})
