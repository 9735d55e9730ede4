import { expect, onTestFinished, test } from 'vitest'
import type { Clock } from '../../base/clock.ts'
import { Sender } from '../../sync/sender.ts'
import type { Answer } from '../../sync/target.ts'
import { ManualClock } from '../manual-clock.ts'
import { MemoryCursor, MemoryJournal } from './memory-journal.ts'
import { LogRecord, syncTo } from './rig.ts'
import type { Stage } from './scripted-target.ts'
import { acked, begin, ScriptedTarget, signedHeadOf, stage, turns } from './scripted-target.ts'

test('the receiver is asked for its position before anything is sent, and 200 events are sent at a time', async () => {
  const { target } = await begin(await stage(450))
  expect(target.sent[0]?.what).toBe('position')
  expect(target.ranges()).toEqual(['1-200', '201-400', '401-450'])
})

test('an event waits two seconds for company, a quarter more or less by chance; two hundred do not wait', async () => {
  for (const [chance, ms] of [
    [0, 1500],
    [0.5, 2000],
    [1, 2500],
  ] as const) {
    const { clock, journal, target } = await begin(await stage(1, () => chance))
    journal.append(1)
    await clock.advance(ms - 1)
    expect(target.ranges()).toEqual(['1-1'])
    await clock.advance(1)
    expect(target.ranges()).toEqual(['1-1', '2-2'])
    journal.append(200)
    await turns(clock)
    expect(target.ranges().at(-1)).toBe('3-202')
  }
})

test('events that an earlier run left unsent are sent at once, with those of the first moment', async () => {
  const { clock, journal, sync, target } = await stage(3)
  await sync.sender.open()
  journal.append(1)
  await turns(clock)
  expect(target.ranges()).toEqual(['1-4'])
})

test('the first retry is spread over five seconds, later ones over 2, 4, 8… up to 300, and one success resets them', async () => {
  const made = await stage(1, () => 0.999_999)
  made.target.answer = (batch, index) => (index < 12 ? { kind: 'unknown', code: 'x', message: 'x' } : acked(batch))
  const { clock, journal, target } = await begin(made)
  for (let hour = 0; hour < 3; hour++) await clock.advance(3_600_000)
  const times = target.batches().map(({ atMs }) => atMs)
  const delays = times.slice(1).map((time, index) => Math.round((time - (times[index] ?? 0)) / 1000))
  expect(delays).toEqual([5, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300])
  target.answer = (batch, index) => (index === 13 ? { kind: 'unknown', code: 'x', message: 'x' } : acked(batch))
  journal.append(1)
  await clock.advance(60_000)
  const [failed, next] = target.batches().slice(-2)
  expect(Math.round(((next?.atMs ?? 0) - (failed?.atMs ?? 0)) / 1000)).toBe(5)
})

test('Retry-After is the least, up to a tenth more, between a second and an hour', async () => {
  for (const [asked, least, most] of [
    [20_000, 20_000, 22_000],
    [0, 1000, 1100],
    [86_400_000, 3_600_000, 3_960_000],
  ] as const) {
    const made = await stage(1, () => 0.999_999)
    made.target.answer = (batch, index) => (index === 0 ? { kind: 'busy', retryAfterMs: asked } : acked(batch))
    const { clock, target } = await begin(made)
    await clock.advance(least - 1)
    expect(target.ranges()).toEqual(['1-1'])
    await clock.advance(most - least + 1)
    expect(target.ranges()).toEqual(['1-1', '1-1'])
  }
})

test('a target that asks for a second again and again is asked as seldom as an offline one', async () => {
  const made = await stage(1)
  made.target.answer = (batch, index) => (index < 1000 ? { kind: 'busy', retryAfterMs: 0 } : acked(batch))
  const { clock, target } = await begin(made)
  for (let hour = 0; hour < 24; hour++) await clock.advance(3_600_000)
  // Half of 300 s each time, but for the first ones.
  expect(target.batches().length).toBeGreaterThan(570)
  expect(target.batches().length).toBeLessThan(590)
})

test('429, 503: batches are halved and grow again by a tenth with each success', async () => {
  const made = await stage(2000)
  made.target.answer = (batch, index) => (index < 2 ? { kind: 'busy', retryAfterMs: 1000 } : acked(batch))
  const { clock, target } = await begin(made)
  await clock.advance(10_000)
  const sizes = target.batches().map(({ batch }) => batch?.hashes.length)
  expect(sizes.slice(0, 6)).toEqual([200, 100, 50, 55, 60, 66])
})

test('credit: the receiver gives the size of the next batch and the time until it', async () => {
  const made = await stage(400)
  made.target.answer = (batch) => ({
    ...(acked(batch) as Extract<Answer, { kind: 'acked' }>),
    credit: { maxEvents: 50, maxBytes: 1 << 20, minIntervalMs: 3000 },
  })
  const { clock, target } = await begin(made)
  expect(target.ranges()).toEqual(['1-200'])
  await clock.advance(3000)
  expect(target.ranges()).toEqual(['1-200', '201-250'])
})

test('413: halved until it fits', async () => {
  const made = await stage(200)
  made.target.answer = (batch) =>
    batch.hashes.length > 30 ? { kind: 'too_large', code: 'too_large', message: 'x' } : acked(batch)
  const { clock, target, sync } = await begin(made)
  await clock.advance(120_000)
  expect(
    target
      .batches()
      .slice(0, 4)
      .map(({ batch }) => batch?.hashes.length),
  ).toEqual([200, 100, 50, 25])
  expect(sync.sender.status().unacked).toBe(0)
})

test('400: sent three times, halved down to the refused event, never skipped, and then a person must look', async () => {
  const made = await stage(200)
  made.target.answer = (batch) =>
    batch.first <= 137 && batch.last >= 137 ? { kind: 'refused', code: 'malformed', message: 'no' } : acked(batch)
  const { clock, target, sync, journal } = await begin(made)
  await clock.advance(10 * 60_000)
  expect(sync.sender.status()).toMatchObject({
    state: 'stalled',
    acked_seq: 136,
    last_error: { code: 'malformed' },
  })
  expect(target.ranges().slice(0, 3)).toEqual(['1-200', '1-200', '1-200'])
  expect(target.ranges().slice(-3)).toEqual(['137-137', '137-137', '137-137'])
  // Each time it was read from disk again.
  expect(journal.reads.length).toBeGreaterThan(target.batches().length)
  const count = target.sent.length
  await clock.advance(60_000)
  expect(target.sent.length).toBe(count)
})

/** A journal of ten events, whose seventh the target refuses; `clock` is that of the sync. */
async function stalledStage(): Promise<Stage> {
  const made = await stage(10)
  made.target.answer = (batch) =>
    batch.first <= 7 && batch.last >= 7 ? { kind: 'refused', code: 'malformed', message: 'no' } : acked(batch)
  await begin(made)
  await made.clock.advance(10 * 60_000)
  expect(made.sync.sender.status()).toMatchObject({ state: 'stalled', acked_seq: 6 })
  return made
}

test('a stalled target is retried automatically, more and more seldom, and continues once it was fixed', async () => {
  const { clock, target, sync } = await stalledStage()
  const attempts: number[] = []
  let told = ''
  for (let minute = 0; minute < 24 * 60; minute++) {
    const before = target.sent.length
    await clock.advance(60_000)
    if (target.sent.length > before && target.sent[before]?.what === 'position') attempts.push(minute)
    told += sync.sender.status().state
  }
  // Each look reports stalled, also during a retry.
  expect(told).toBe('stalled'.repeat(24 * 60))
  expect(attempts.length).toBeGreaterThan(5)
  expect(attempts.length).toBeLessThan(14)
  target.answer = acked
  await clock.advance(5 * 3_600_000)
  expect(sync.sender.status()).toMatchObject({ state: 'current', unacked: 0, last_error: null })
})

test('a technician’s resume is tried at once', async () => {
  const { clock, target, sync } = await stalledStage()
  target.answer = acked
  await sync.sender.resume()
  await turns(clock)
  expect(sync.sender.status()).toMatchObject({ state: 'current', unacked: 0, last_error: null })
})

test('the time of the last acknowledgement is reported after a resume too', async () => {
  const { clock, sync } = await begin(await stage(10))
  await turns(clock)
  const { last_ack_at: before } = sync.sender.status()
  expect(before).toMatch(/Z$/)
  await sync.sender.resume()
  await turns(clock)
  expect(sync.sender.status()).toMatchObject({ state: 'current', unacked: 0, last_ack_at: before })
})

test('resumed while the target is offline, it is asked at once and not in five minutes', async () => {
  const made = await stage(1)
  made.target.answer = () => ({ kind: 'unknown', code: 'x', message: 'x' })
  const { clock, target, sync } = await begin(made)
  for (let minute = 0; minute < 30; minute++) await clock.advance(60_000)
  target.answer = acked
  const asked = target.sent.length
  await sync.sender.resume()
  await turns(clock)
  expect(target.sent.length).toBeGreaterThan(asked)
  expect(sync.sender.status()).toMatchObject({ state: 'current', unacked: 0 })
})

test('a partial prefix moves the cursor that far, and the rest follows', async () => {
  const made = await stage(100)
  made.target.answer = (batch, index) =>
    index === 0 ? { kind: 'acked', ackedSeq: 40, head: batch.hashes[39] ?? Buffer.alloc(32) } : acked(batch)
  const { target, sync } = await begin(made)
  expect(target.ranges()).toEqual(['1-100', '41-100'])
  expect(sync.cursor.saved.map(({ ackedSeq }) => ackedSeq)).toEqual([40, 100])
})

test('a fork at an event that both sides have ends nothing; one that another machine was refused for does', async () => {
  const { clock, journal, sync, target } = await begin(await stage(5))
  const own = Buffer.from(journal.hashAt(3) ?? []).toString('base64url')
  const other = Buffer.alloc(32, 7).toString('base64url')
  const told = (receivedHash?: string): Answer => ({
    kind: 'fork',
    evidence: { seq: 3, stored_hash: own, stored_checkpoint: null, received_hash: receivedHash },
  })
  for (const receivedHash of [undefined, own, 'rubbish']) {
    target.answer = () => told(receivedHash)
    journal.append(1)
    await clock.advance(10_000)
    expect(sync.sender.status()).toMatchObject({ state: 'offline', last_error: { code: 'wrong_fork' } })
    target.answer = acked
    await clock.advance(60_000)
    expect(sync.sender.status()).toMatchObject({ state: 'current', unacked: 0 })
  }
  target.answer = () => told(other)
  const history = journal.restored(2)
  history.append(8)
  target.signed = signedHeadOf(history)
  journal.append(1)
  await clock.advance(10_000)
  expect(sync.sender.status()).toMatchObject({ state: 'forked', last_error: { code: 'fork' } })
})

test('an idle agent signs its head every quarter of an hour, and finds so that the receiver forgot', async () => {
  const made = await begin(await stage(10))
  const { clock, target, journal, sync } = made
  await clock.advance(15 * 60_000)
  expect(target.sent.at(-1)?.what).toBe('checkpoint')
  target.headSeq = 4
  target.checkpoint = async () => ({ kind: 'gap', expectedSeq: 5, head: journal.hashAt(4) ?? Buffer.alloc(32) })
  await clock.advance(15 * 60_000 + 10_000)
  expect(target.ranges().at(-1)).toBe('5-10')
  expect(sync.sender.status().unacked).toBe(0)
})

test.each([
  { kind: 'unknown', code: 'time_out', message: 'x' },
  { kind: 'busy', retryAfterMs: 1000 },
] as const)('the error of an idle target ($kind) is no longer reported once it answers again', async (trouble) => {
  const { clock, target, sync } = await begin(await stage(10))
  await turns(clock)
  const { checkpoint } = target
  target.checkpoint = async () => trouble
  await clock.advance(15 * 60_000)
  expect(sync.sender.status()).toMatchObject({ unacked: 0, last_error: { code: expect.any(String) } })
  target.checkpoint = checkpoint
  await clock.advance(15 * 60_000 + 10_000)
  expect(sync.sender.status()).toMatchObject({ state: 'current', unacked: 0, last_error: null })
})

test('a journal that no longer verifies is not sent, whatever its content', async () => {
  const made = await stage(10)
  const event = made.journal.events[6]
  if (event !== undefined) made.journal.events[6] = { ...event, body: '{"forged":true}' }
  const { target, sync } = await begin(made)
  expect(target.batches()).toEqual([])
  expect(sync.sender.status()).toMatchObject({ state: 'stalled', last_error: { code: 'journal_damaged' } })
})

test('an offline target is a warning after a quarter of an hour and an alarm after a day', async () => {
  const made = await stage(0)
  made.target.answer = () => ({ kind: 'unknown', code: 'x', message: 'x' })
  const { clock, journal, sync } = await begin(made)
  journal.append(1)
  await clock.advance(5000)
  expect(sync.sender.status()).toMatchObject({ state: 'offline', unacked: 1, warning: null })
  // The event carries the time of its creation: the test's journal began when the clock did.
  await clock.advance(16 * 60_000)
  expect(sync.sender.status().warning).toBe('sync_delayed')
  await clock.advance(24 * 3_600_000)
  expect(sync.sender.status().warning).toBe('sync_delayed_long')
})

test('a clock that ran ahead when an event was made, or is set back, puts no alarm off', async () => {
  const clock = new ManualClock()
  let aheadMs = 12 * 365 * 24 * 3_600_000
  const wrong: Clock = {
    now: () => clock.now() + aheadMs,
    mono: () => clock.mono(),
    after: (delayMs, act) => clock.after(delayMs, act),
  }
  const journal = new MemoryJournal()
  const target = new ScriptedTarget(clock, journal)
  target.answer = () => ({ kind: 'unknown', code: 'x', message: 'x' })
  const { sender } = syncTo(journal, target, { clock: wrong, random: () => 0.5 })
  onTestFinished(() => sender.close())
  await sender.open()
  journal.append(1)
  await clock.advance(60_000)
  aheadMs = 0
  await clock.advance(16 * 60_000)
  expect(sender.status()).toMatchObject({
    warning: 'sync_delayed',
    oldest_unacked_seconds: expect.closeTo(17 * 60, -2),
  })
  await clock.advance(24 * 3_600_000)
  expect(sender.status().warning).toBe('sync_delayed_long')
})

test('a target that takes each batch and whose answers never come has a backlog within the hour', async () => {
  const made = await stage(10_000)
  made.target.answer = ({ last }) => {
    made.target.headSeq = last
    return { kind: 'unknown', code: 'ECONNRESET', message: 'read ECONNRESET' }
  }
  const { clock, sync } = await begin(made)
  await clock.advance(3_600_000)
  expect(sync.sender.status()).toMatchObject({ unacked: 0 })
})

test('an event of a clock that had lost its time raises no alarm before its time', async () => {
  const clock = new ManualClock(60_000)
  const journal = new MemoryJournal({ startMs: 60_000 })
  const target = new ScriptedTarget(clock, journal)
  target.answer = () => ({ kind: 'unknown', code: 'x', message: 'x' })
  const before = syncTo(journal, target, { clock, random: () => 0.5 })
  onTestFinished(() => before.sender.close())
  await before.sender.open()
  journal.append(1)
  await clock.advance(60_000)
  clock.jump(Date.parse('2026-08-01T10:00:00Z'))
  expect(before.sender.status()).toMatchObject({ warning: null, oldest_unacked_seconds: 60 })
  const restarted = syncTo(journal, target, { clock, random: () => 0.5, cursor: before.cursor })
  onTestFinished(() => restarted.sender.close())
  await restarted.sender.open()
  expect(restarted.sender.status()).toMatchObject({ warning: null, oldest_unacked_seconds: 0 })
  await clock.advance(25 * 3_600_000)
  for (const { sender } of [before, restarted]) expect(sender.status().warning).toBe('sync_delayed_long')
})

test('a token that is refused for a quarter of an hour is reported, and the right one is taken without a restart', async () => {
  const made = await stage(1)
  made.target.answer = () => ({ kind: 'denied', code: 'unauthenticated', message: 'Token revoked.' })
  const { clock, target, sync } = await begin(made)
  await clock.advance(14 * 60_000)
  expect(sync.sender.isTokenRefused).toBe(false)
  await clock.advance(26 * 60_000)
  expect(sync.sender.isTokenRefused).toBe(true)
  // A target that cannot be reached has not taken the token.
  target.answer = () => ({ kind: 'unknown', code: 'ECONNREFUSED', message: 'connect ECONNREFUSED' })
  await clock.advance(5 * 60_000)
  expect(sync.sender.isTokenRefused).toBe(true)
  target.answer = acked
  await clock.advance(5 * 60_000)
  expect(sync.sender.isTokenRefused).toBe(false)
  expect(sync.sender.status()).toMatchObject({ state: 'current', unacked: 0, last_error: null })
})

test('a clock that is far off is reported, and decides nothing', async () => {
  const made = await stage(1)
  made.target.answer = (batch) => ({ ...acked(batch), serverMs: made.clock.now() + 90_000 })
  const { sync } = await begin(made)
  expect(sync.sender.status()).toMatchObject({ clock_skew_ms: 90_000, unacked: 0 })
  expect(sync.log.lines).toContainEqual(
    expect.objectContaining({ level: 'warn', message: expect.stringContaining('clock') }),
  )
})

test('an ended epoch of which the target has more is complete, whatever was on its way', async () => {
  const { clock, journal, target } = await stage(5)
  journal.nextEpoch()
  target.answer = (batch, index) => {
    if (index > 0) return acked(batch)
    target.headSeq = 8
    return { kind: 'unknown', code: 'ECONNRESET', message: 'read ECONNRESET' }
  }
  const [cursor, log] = [new MemoryCursor(), new LogRecord()]
  const sender = new Sender({ source: journal, target, cursor, clock, random: () => 0.5, log })
  onTestFinished(() => sender.close())
  await sender.open()
  await clock.advance(60_000)
  expect(await sender.finished()).toBe('complete')
  expect(target.ranges()).toEqual(['1-5', '5-5'])
  expect(cursor.load()).toEqual({ ackedSeq: 5 })
})
