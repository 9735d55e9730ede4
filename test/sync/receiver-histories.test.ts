import { expect, test } from 'vitest'
import type { Halt } from '../../sync/source.ts'
import { acked, begin, stage, turns } from './scripted-target.ts'

test('W-9: a receiver that has more than the journal was given stops it before it forks', async () => {
  const made = await stage(10)
  made.target.headSeq = 12
  const { target, replay } = await begin(made)
  expect(target.ranges()).toEqual(['10-10'])
  expect(replay.replayer.status()).toMatchObject({ state: 'stalled', last_error: { code: 'rollback' } })
})

test('a receiver that says it has more, and of what it was given another head, proves no rollback: no epoch ends for it', async () => {
  const made = await stage(10)
  made.target.headSeq = 1_000_000
  made.target.answer = (batch) => ({ kind: 'acked', ackedSeq: batch.last, head: Buffer.alloc(32, 9) })
  const { target, replay } = await begin(made)
  expect(target.ranges()).toEqual(['10-10'])
  expect(replay.replayer.status()).toMatchObject({ state: 'offline', acked_seq: 0, last_error: { code: 'wrong-head' } })
})

test('a receiver that acknowledges and forgets, again and again, is told until it has what it had lost', async () => {
  const made = await stage(400)
  let forgetful = true
  // It keeps nothing of what it was given, and says so at the second batch.
  made.target.answer = (batch) =>
    batch.first === 1 || !forgetful ? acked(batch) : { kind: 'gap', expectedSeq: 1, head: Buffer.alloc(32) }
  const { clock, target, replay } = await begin(made)
  for (let round = 0; round < 20; round++) await clock.advance(5000)
  expect(target.ranges().length).toBeGreaterThan(20)
  expect(replay.replayer.status().last_error).toMatchObject({ code: 'receiver-rewind' })
  forgetful = false
  for (let round = 0; round < 5; round++) await clock.advance(5000)
  expect(replay.replayer.status()).toMatchObject({ state: 'current', acked_seq: 400, last_error: null })
})

test('a fork that was found stays one after a restart, with its evidence', async () => {
  const made = await stage(3)
  const halt: Halt = { state: 'forked', code: 'fork', message: 'x', evidence: { seq: 2 } }
  made.replay.cursor.save({ ackedSeq: 1, halt })
  const { clock, target, replay } = await begin(made)
  const given = () => target.sent.filter(({ what }) => what !== 'position')
  expect(given()).toEqual([])
  expect(replay.replayer.status().state).toBe('forked')
  // Neither time nor a technician makes it none.
  await clock.advance(24 * 3_600_000)
  await replay.replayer.resume()
  await turns(clock)
  // What the target still has of it is asked; nothing is sent.
  expect(given()).toEqual([])
  expect(replay.replayer.status().state).toBe('forked')
})
