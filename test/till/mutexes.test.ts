import { expect, test } from 'vitest'
import { Mutexes } from '../../agent/till/recording/mutexes.ts'

/** A work that ends when the test ends it, and reports when it has begun. */
function held(): { work: () => Promise<void>; end: () => void; begun: Promise<void> } {
  let end = (): void => undefined
  let begin = (): void => undefined
  const begun = new Promise<void>((resolve) => {
    begin = resolve
  })
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  const work = () => {
    begin()
    return ended
  }
  return { work, end: () => end(), begun }
}

test('works of one key run one after the other, those of another key in parallel', async () => {
  const mutexes = new Mutexes()
  const [first, other] = [held(), held()]
  let secondBegan = false
  const one = mutexes.run('a', first.work)
  const two = mutexes.run('a', async () => {
    secondBegan = true
  })
  const beside = mutexes.run('b', other.work)
  await Promise.all([first.begun, other.begun])
  other.end()
  await beside
  expect(secondBegan).toBe(false)
  first.end()
  await Promise.all([one, two])
  expect(secondBegan).toBe(true)
})

test('a work that fails notifies its caller and lets the next one in', async () => {
  const mutexes = new Mutexes()
  const failing = mutexes.run('a', () => Promise.reject(new Error('no')))
  const next = mutexes.run('a', async () => 'done')
  await expect(failing).rejects.toThrow('no')
  expect(await next).toBe('done')
})

test('more than 64 waiting works are refused', async () => {
  const mutexes = new Mutexes()
  const first = held()
  const running = [mutexes.run('a', first.work)]
  for (let more = 1; more < 64; more++) running.push(mutexes.run('a', async () => undefined))
  await expect(mutexes.run('a', async () => undefined)).rejects.toMatchObject({ code: 'fiscal_device_busy' })
  first.end()
  await Promise.all(running)
  expect(await mutexes.run('a', async () => 'free')).toBe('free')
})

test('a work that leaves lets one in, within that call and once, also when it fails later', async () => {
  const mutexes = new Mutexes()
  const first = held()
  const starts: string[] = []
  const next = (name: string) => () => {
    starts.push(name)
    return second.work()
  }
  const second = held()
  let leave = (): void => undefined
  const running = mutexes.run('a', async (leaving) => {
    leave = leaving
    await first.work()
    throw new Error('no')
  })
  const waiting = [mutexes.run('a', next('second')), mutexes.run('a', next('third'))]
  leave()
  expect(starts).toEqual(['second'])
  leave()
  first.end()
  await expect(running).rejects.toThrow('no')
  expect(starts).toEqual(['second'])
  second.end()
  await Promise.all(waiting)
  expect(starts).toEqual(['second', 'third'])
})
