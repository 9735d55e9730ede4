import { expect, test } from 'vitest'
import { Mutex } from '../../base/mutex.ts'

/** Works that end when the test ends them. */
function worksByHand() {
  const mutex = new Mutex()
  const log: string[] = []
  const ends = new Map<string, () => void>()
  const give = (name: string): Promise<string> =>
    mutex.run(() => {
      log.push(`${name} begins`)
      return new Promise((resolve, reject) => {
        ends.set(name, () => (name.startsWith('bad') ? reject(new Error(name)) : resolve(name)))
      })
    })
  const end = async (name: string): Promise<void> => {
    ends.get(name)?.()
    await passed()
  }
  return { mutex, log, give, end }
}

/** All microtasks are done. */
function passed(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

test('works run one at a time, in the order of arrival, and each caller gets its own result', async () => {
  const { mutex, log, give, end } = worksByHand()
  const works = [give('a'), give('b'), give('c')]
  await passed()
  expect([log, mutex.waiting, mutex.isTaken]).toEqual([['a begins'], 2, true])
  await end('a')
  expect([log, mutex.waiting]).toEqual([['a begins', 'b begins'], 1])
  await end('b')
  await end('c')
  expect(await Promise.all(works)).toEqual(['a', 'b', 'c'])
  expect([mutex.waiting, mutex.isTaken]).toEqual([0, false])
})

test('a failed work rejects its caller alone, and the next one begins', async () => {
  const { mutex, log, give, end } = worksByHand()
  const failed = expect(give('bad')).rejects.toThrow('bad')
  const next = give('next')
  await passed()
  await end('bad')
  await failed
  expect(log).toEqual(['bad begins', 'next begins'])
  await end('next')
  expect(await next).toBe('next')
  const thrown = mutex.run(() => {
    throw new Error('at once')
  })
  await expect(thrown).rejects.toThrow('at once')
  expect(mutex.isTaken).toBe(false)
})

test('an abort ends the wait at once, and keeps the order of the others', async () => {
  const { mutex, log, give, end } = worksByHand()
  const gone = new AbortController()
  const first = give('first')
  const given = mutex.enter(gone.signal)
  const last = give('last')
  await passed()
  gone.abort(new Error('gone'))
  await expect(given).rejects.toThrow('gone')
  expect(log).toEqual(['first begins'])
  await end('first')
  expect(log).toEqual(['first begins', 'last begins'])
  await end('last')
  await Promise.all([first, last])
  await expect(mutex.enter(gone.signal)).rejects.toThrow('gone')
  expect(mutex.isTaken).toBe(false)
})

test('an abort after the wait ends nothing', async () => {
  const { mutex, give, end } = worksByHand()
  const gone = new AbortController()
  const before = give('before')
  const entered = mutex.enter(gone.signal)
  await passed()
  await end('before')
  gone.abort(new Error('gone'))
  const leave = await entered
  expect([await before, mutex.isTaken]).toEqual(['before', true])
  leave()
  expect(mutex.isTaken).toBe(false)
})

test('leaving twice begins one work', async () => {
  const { mutex, log, give, end } = worksByHand()
  const leave = await mutex.enter()
  void give('a')
  void give('b')
  leave()
  leave()
  await passed()
  expect(log).toEqual(['a begins'])
  await end('a')
  await end('b')
  expect(mutex.isTaken).toBe(false)
})

test('it has settled when the works before have, and not before; a failed one counts', async () => {
  const { mutex, give, end } = worksByHand()
  const failed = expect(give('bad')).rejects.toThrow('bad')
  void give('b')
  let isSettled = false
  const settled = mutex.settled().then(() => {
    isSettled = true
  })
  void give('after')
  await passed()
  await end('bad')
  await failed
  expect(isSettled).toBe(false)
  await end('b')
  await settled
  expect(mutex.isTaken).toBe(true)
})
