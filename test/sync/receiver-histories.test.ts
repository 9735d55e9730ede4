import { expect, test } from 'vitest'
import type { SignedHead } from '../../sync/protocol/chain-hash.ts'
import type { Halt } from '../../sync/source.ts'
import { MemoryJournal } from './memory-journal.ts'
import { acked, begin, signedHeadOf, stage, turns } from './scripted-target.ts'

test('a receiver that has more events than the journal sent stops it before it forks', async () => {
  const made = await stage(10)
  const other = made.journal.clone()
  other.append(2)
  made.target.headSeq = 12
  made.target.signed = signedHeadOf(other)
  const { target, sync } = await begin(made)
  expect(target.ranges()).toEqual(['10-10'])
  expect(sync.sender.status()).toMatchObject({ state: 'stalled', last_error: { code: 'rollback' } })
  const { seq, checkpoint: cp } = signedHeadOf(other)
  const head = Buffer.from(other.head().hash).toString('base64url')
  expect(sync.sender.halt()).toMatchObject({ code: 'rollback', proof: { seq, head, cp } })
})

test('a claim that no head of our own key proves stalls the sync, and is accepted when repeated', async () => {
  const made = await stage(10)
  const { journal, target } = made
  const longer = journal.clone()
  longer.append(2)
  const stranger = MemoryJournal.of(12)
  const shown: (SignedHead | undefined)[] = [
    undefined,
    // Signed by another key, our own head, one of ours below the claim, and a signature of another place.
    signedHeadOf(stranger),
    signedHeadOf(journal),
    signedHeadOf(journal, 4),
    { ...signedHeadOf(longer), seq: 11 },
  ]
  for (const [index, signed] of shown.entries()) {
    target.headSeq = 12
    target.signed = signed
    if (index === 0) await begin(made)
    else await made.sync.sender.resume()
    await turns(made.clock)
    expect(made.sync.sender.status()).toMatchObject({
      state: 'stalled',
      last_error: { code: 'sync_claim_unproven' },
    })
    expect(made.sync.sender.halt()?.proof).toBeUndefined()
  }
  target.headSeq = 12
  target.signed = signedHeadOf(longer)
  // It is asked again without a technician, within four hours and a quarter.
  await made.clock.advance(30 * 60_000)
  await turns(made.clock)
  expect(made.sync.sender.halt()).toMatchObject({ code: 'rollback', proof: { seq: 12 } })
})

test('a fork is proven by another signed head at or after the event, ours or one that we do not have yet', async () => {
  for (const [shown, code] of [
    [undefined, 'sync_claim_unproven'],
    ['ours', 'sync_claim_unproven'],
    ['before', 'sync_claim_unproven'],
    ['other', 'fork'],
    ['beyond', 'fork'],
  ] as const) {
    const made = await stage(5)
    const other = made.journal.restored(2)
    other.append(3)
    const longer = other.clone()
    longer.append(3)
    const heads = {
      ours: signedHeadOf(made.journal),
      before: signedHeadOf(made.journal, 2),
      other: signedHeadOf(other),
      beyond: signedHeadOf(longer),
    }
    made.target.signed = shown && heads[shown]
    const storedHash = Buffer.from(other.hashAt(3) ?? []).toString('base64url')
    made.target.answer = () => ({
      kind: 'fork',
      evidence: { seq: 3, stored_hash: storedHash, stored_checkpoint: null },
    })
    const { sync } = await begin(made)
    expect([shown, sync.sender.halt()?.code]).toEqual([shown, code])
  }
})

test('a receiver that claims more events and another head proves no rollback: no epoch ends for it', async () => {
  const made = await stage(10)
  made.target.headSeq = 1_000_000
  made.target.answer = (batch) => ({ kind: 'acked', ackedSeq: batch.last, head: Buffer.alloc(32, 9) })
  const { target, sync } = await begin(made)
  expect(target.ranges()).toEqual(['10-10'])
  expect(sync.sender.status()).toMatchObject({ state: 'offline', acked_seq: 0, last_error: { code: 'wrong_head' } })
})

test('a receiver that acknowledges and forgets, again and again, gets events until it has all that it lost', async () => {
  const made = await stage(400)
  let forgetful = true
  // It keeps no event, and reports that at the second batch.
  made.target.answer = (batch) =>
    batch.first === 1 || !forgetful ? acked(batch) : { kind: 'gap', expectedSeq: 1, head: Buffer.alloc(32) }
  const { clock, target, sync } = await begin(made)
  for (let round = 0; round < 20; round++) await clock.advance(5000)
  expect(target.ranges().length).toBeGreaterThan(20)
  expect(sync.sender.status().last_error).toMatchObject({ code: 'receiver_rewind' })
  forgetful = false
  for (let round = 0; round < 5; round++) await clock.advance(5000)
  expect(sync.sender.status()).toMatchObject({ state: 'current', acked_seq: 400, last_error: null })
})

test('a fork that was found stays one after a restart, with its evidence', async () => {
  const made = await stage(3)
  const halt: Halt = { state: 'forked', code: 'fork', message: 'x', evidence: { seq: 2 } }
  made.sync.cursor.save({ ackedSeq: 1, halt })
  const { clock, target, sync } = await begin(made)
  const given = () => target.sent.filter(({ what }) => what !== 'position')
  expect(given()).toEqual([])
  expect(sync.sender.status().state).toBe('forked')
  // Neither time nor a technician makes it none.
  await clock.advance(24 * 3_600_000)
  await sync.sender.resume()
  await turns(clock)
  // The agent asks which events the target still has; nothing is sent.
  expect(given()).toEqual([])
  expect(sync.sender.status().state).toBe('forked')
})
