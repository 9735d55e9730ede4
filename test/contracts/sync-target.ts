import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Target } from '../../sync/target.ts'
import { MemoryJournal } from '../sync/memory-journal.ts'
import type { RunningSync } from '../sync/rig.ts'
import { done, fastClock, syncTo } from '../sync/rig.ts'

/** A place that holds nothing yet, and the way to it. */
export type TargetBench = {
  /** One more target that leads there, as after a restart of the agent or from another machine. */
  target(): Target
  /** How many events of the chain are stored, complete and in order. */
  held(journal: MemoryJournal): Promise<number>
  /** Deletes everything that it holds. */
  forget(): Promise<void>
  /** It cannot be reached, until it is put back with all that it holds. */
  takeAway(): Promise<void>
  putBack(): Promise<void>
  destroy(): Promise<void>
}

/** The rules for every sync target; `factory` gets the journal whose agent it is to accept. */
export function describeTarget(name: string, factory: (journal: MemoryJournal) => Promise<TargetBench>): void {
  describe(`${name} as a sync target`, () => {
    let journal: MemoryJournal
    let bench: TargetBench
    let syncs: RunningSync[]

    beforeEach(async () => {
      journal = MemoryJournal.of(300)
      syncs = []
      bench = await factory(journal)
    })
    afterEach(async () => {
      for (const { sender } of syncs) await sender.close()
      await bench.destroy()
    })

    const begin = async (from = journal): Promise<RunningSync> => {
      const sync = syncTo(from, bench.target(), { clock: fastClock(1000) })
      syncs.push(sync)
      await sync.sender.open()
      return sync
    }

    test('a journal arrives complete and in order, and so do later events', async () => {
      const sync = await begin()
      await sync.until(done)
      expect(await bench.held(journal)).toBe(300)
      journal.append(5)
      await sync.until(({ acked_seq: acked }) => acked === 305)
      expect(await bench.held(journal)).toBe(305)
    })

    test('a sender without a cursor gets the stored position, and sends the missing events', async () => {
      const first = await begin()
      await first.until(done)
      await first.sender.close()
      journal.append(10)
      const second = await begin()
      await second.until(done)
      expect(second.cursor.saved.map(({ ackedSeq }) => ackedSeq)).toEqual([300, 310])
      expect(await bench.held(journal)).toBe(310)
    })

    test('it reports what it has with its signature, and asking creates nothing there', async () => {
      const { chain } = journal
      const { signal } = new AbortController()
      const asked = bench.target()
      try {
        for (const _ of [1, 2]) {
          const empty = await asked.position(chain, signal)
          expect(empty.kind === 'position' ? empty.headSeq : empty.kind).toBeOneOf([0, 'unknown_chain'])
          expect(await asked.signedHead(chain, 300, signal)).toBeUndefined()
        }
        const sync = await begin()
        await sync.until(done)
        journal.append(20)
        await sync.until(({ acked_seq: acked }) => acked === 320)
        expect(await asked.position(chain, signal)).toMatchObject({ kind: 'position', headSeq: 320 })
        for (const [upTo, at] of [
          [400, 320],
          [320, 320],
          [319, 300],
        ] as const) {
          const { seq, head, checkpoint } = (await asked.signedHead(chain, upTo, signal)) ?? {}
          const own = journal.hashAt(at) ?? Buffer.alloc(0)
          expect([seq, Buffer.from(head ?? []), checkpoint]).toEqual([
            at,
            Buffer.from(own),
            journal.checkpoint(at, own),
          ])
        }
      } finally {
        await asked.close()
      }
    })

    test('it reports further chains of an agent, and of no other agent', async () => {
      const { agentId } = journal.chain
      const opened = JSON.stringify({ facts: { agent_id: agentId } })
      const other = new MemoryJournal({ facts: { agentId, epoch: 2 }, bodyOf: (seq) => (seq === 1 ? opened : '{}') })
      other.append(3)
      await (await begin(other)).until(done)
      const asked = bench.target()
      const { signal } = new AbortController()
      try {
        await asked.position(journal.chain, signal)
        const { chainId, epoch } = other.chain
        expect(await asked.otherChains(journal.chain, signal)).toEqual([{ chainId, epoch }])
        expect(await asked.otherChains(other.chain, signal)).toEqual([])
        const { agentId: stranger } = MemoryJournal.of(1).chain
        expect(await asked.otherChains({ ...journal.chain, agentId: stranger }, signal)).toEqual([])
      } finally {
        await asked.close()
      }
    })

    test('one that forgot everything is filled again', async () => {
      const sync = await begin()
      await sync.until(done)
      await bench.forget()
      journal.append(1)
      await sync.until(({ acked_seq: acked }) => acked === 301)
      expect(await bench.held(journal)).toBe(301)
      expect(sync.log.lines).toContainEqual(expect.objectContaining({ code: 'receiver_rewind' }))
    })

    test('an unreachable one is offline with a cause, and gets the missing events when it is back', async () => {
      const sync = await begin()
      await sync.until(done)
      await bench.takeAway()
      journal.append(7)
      const away = await sync.until(({ last_error: error }) => error !== null)
      expect(away).toMatchObject({ state: 'offline', unacked: 7 })
      await bench.putBack()
      await sync.until(done)
      expect(await bench.held(journal)).toBe(307)
    })

    test('a copy of the journal that continued elsewhere is a fork, with the evidence of both, and overwrites nothing', async () => {
      const copy = journal.clone((seq) => `{"copy":${seq}}`)
      journal.append(10)
      copy.append(5)
      await (await begin()).until(done)
      const second = await begin(copy)
      const { last_error: error } = await second.until(({ state }) => state === 'forked')
      expect(error?.code).toBe('fork')
      const signed = { alg: 'Ed25519' }
      expect(second.cursor.load()?.halt?.evidence).toMatchObject({ stored_checkpoint: signed, own_checkpoint: signed })
      expect(await bench.held(journal)).toBe(310)
    })
  })
}
