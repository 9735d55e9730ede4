import { expect, test } from 'vitest'
import { Turns } from '../../agent/process/turns.ts'

/** Turns that end when they are told to. */
function turnsByHand(): { turns: Turns; next: () => Promise<void> } {
  const later: (() => void)[] = []
  const turns = new Turns((run) => later.push(run))
  const next = async (): Promise<void> => {
    later.shift()?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { turns, next }
}

const pieces = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `piece ${from + index}`)

test('two pieces of work go on in a turn, the first of them at once, and two go with a group', async () => {
  const { turns, next } = turnsByHand()
  const done: string[] = []
  for (let piece = 1; piece <= 4; piece++) void turns.take().then(() => done.push(`piece ${piece}`))
  turns.defer(() => done.push('group'))
  for (let piece = 5; piece <= 7; piece++) void turns.take().then(() => done.push(`piece ${piece}`))
  await new Promise((resolve) => setImmediate(resolve))
  expect(done.splice(0)).toEqual(pieces(1, 2))
  await next()
  expect(done.splice(0)).toEqual(pieces(3, 4))
  await next()
  expect(done.splice(0)).toEqual(['group', ...pieces(5, 6)])
  await next()
  expect(done.splice(0)).toEqual(['piece 7'])
  await next()
  await next()
  expect(done).toEqual([])
})

test('what one act throws holds up nothing that waits behind it', async () => {
  const { turns, next } = turnsByHand()
  const done: string[] = []
  turns.defer(() => {
    throw new Error('no')
  })
  turns.defer(() => done.push('next'))
  await expect(next()).rejects.toThrow('no')
  await next()
  expect(done).toEqual(['next'])
})
