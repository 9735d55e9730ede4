import { expect, test } from 'vitest'
import { LoopSlots } from '../../agent/process/loop-slots.ts'

/** Iterations that end when the test ends them. */
function slotsByHand() {
  const later: (() => void)[] = []
  const slots = new LoopSlots((run) => later.push(run))
  const done: string[] = []
  const told = async (): Promise<string[]> => {
    await new Promise((resolve) => setImmediate(resolve))
    return done.splice(0)
  }
  const next = (): Promise<string[]> => {
    later.shift()?.()
    return told()
  }
  const piece = (number: number, holder = ''): void => void slots.take(holder).then(() => done.push(`piece ${number}`))
  const group = (name = 'group'): void => slots.defer(() => done.push(name))
  return { slots, piece, group, told, next }
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index)
}

function pieces(from: number, to: number): string[] {
  return range(from, to).map((number) => `piece ${number}`)
}

test('three pieces of work run in a turn, the first of them at once', async () => {
  const { piece, told, next } = slotsByHand()
  for (const number of range(1, 7)) piece(number)
  expect(await told()).toEqual(pieces(1, 3))
  expect(await next()).toEqual(pieces(4, 6))
  expect(await next()).toEqual(pieces(7, 7))
  piece(8)
  expect(await told()).toEqual(pieces(8, 8))
  expect(await next()).toEqual([])
})

test('two hundred pieces of one holder delay those of another by at most one turn, and run in their order', async () => {
  const { piece, told, next } = slotsByHand()
  for (const number of range(1, 200)) piece(number, 'till-1')
  piece(201, 'till-2')
  piece(202, 'till-3')
  piece(203, 'till-2')
  expect(await told()).toEqual(pieces(1, 3))
  expect(await next()).toEqual(['piece 4', 'piece 201', 'piece 202'])
  expect(await next()).toEqual(['piece 5', 'piece 203', 'piece 6'])
  const rest: string[] = []
  for (let done = await next(); done.length > 0; done = await next()) rest.push(...done)
  expect(rest).toEqual(pieces(7, 200))
})

test('a group comes when no piece waits any longer, and three pieces run with it', async () => {
  const { piece, group, told, next } = slotsByHand()
  for (const number of range(1, 4)) piece(number)
  expect(await told()).toEqual(pieces(1, 3))
  group()
  for (const number of range(5, 6)) piece(number)
  expect(await next()).toEqual(pieces(4, 6))
  piece(7)
  expect(await next()).toEqual(pieces(7, 7))
  expect(await next()).toEqual(['group'])
  for (const number of range(8, 11)) piece(number)
  expect(await told()).toEqual(pieces(8, 10))
  expect(await next()).toEqual(pieces(11, 11))
})

test('a group waits for sixty-four pieces at most', async () => {
  const { piece, group, next, told } = slotsByHand()
  group('first')
  group('second')
  for (const number of range(1, 300)) piece(number)
  let before = (await told()).length
  for (;;) {
    const done = await next()
    if (done.includes('first')) break
    before += done.length
  }
  expect(before).toBeLessThanOrEqual(3 + 64 + 2)
  let between = 0
  for (;;) {
    const done = await next()
    if (done.includes('second')) break
    between += done.length
  }
  expect(between).toBeLessThanOrEqual(64 + 2)
})

test('an error of one group delays nothing that waits after it', async () => {
  const { slots, piece, next, told } = slotsByHand()
  slots.defer(() => {
    throw new Error('no')
  })
  expect(() => next()).toThrow('no')
  piece(1)
  expect(await told()).toEqual(pieces(1, 1))
})

test('the slots are busy while a piece or a group waits', async () => {
  const { slots, piece, group, next } = slotsByHand()
  expect(slots.isBusy).toBe(false)
  for (const number of range(1, 4)) piece(number)
  expect(slots.isBusy).toBe(true)
  await next()
  expect(slots.isBusy).toBe(false)
  group()
  expect(slots.isBusy).toBe(true)
  await next()
  expect(slots.isBusy).toBe(false)
})
