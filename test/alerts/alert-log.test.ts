import { expect, test } from 'vitest'
import { AlertLog } from '../../alerts/alert-log.ts'
import type { AlertRecord } from '../../alerts/records.ts'
import { ManualClock } from '../manual-clock.ts'

/** A journal whose appends a test ends, one after the other. */
class SlowJournal {
  readonly appended: string[][] = []
  readonly #ends: { resolve: () => void; reject: (error: Error) => void }[] = []

  readonly append = (records: readonly AlertRecord[]): Promise<void> => {
    this.appended.push(records.map(({ op }) => op))
    return new Promise((resolve, reject) => this.#ends.push({ resolve, reject }))
  }

  end(): void {
    this.#ends.shift()?.resolve()
  }

  refuse(): void {
    this.#ends.shift()?.reject(new Error('the journal takes nothing'))
  }
}

function sent(op: string): AlertRecord[] {
  return [{ kind: 'alert.sent', op, facts: { type: 'alert.raised', channel: 'mail', attempt: 1 } }]
}

async function begun() {
  const journal = new SlowJournal()
  const clock = new ManualClock(0)
  const log = new AlertLog({ clock, append: journal.append })
  const durable: string[] = []
  for (const ops of [['one'], ['two', 'three']]) {
    for (const op of ops) void log.record(sent(op)).then(() => durable.push(op))
    await clock.advance(0)
  }
  return { journal, clock, log, durable }
}

test('a record that waits with another one for a running append resolves when its own append is durable', async () => {
  const { journal, clock, durable } = await begun()
  journal.end()
  await clock.advance(0)
  expect([journal.appended, durable]).toEqual([[['one'], ['two', 'three']], ['one']])
  journal.end()
  await clock.advance(0)
  expect(durable).toEqual(['one', 'two', 'three'])
})

test('records that the journal refused are appended once, in their order', async () => {
  const { journal, clock, log } = await begun()
  journal.refuse()
  await clock.advance(0)
  journal.refuse()
  await clock.advance(0)
  log.retry()
  await clock.advance(0)
  journal.end()
  await clock.advance(3_000)
  expect(journal.appended.at(-1)).toEqual(['one', 'two', 'three'])
  log.retry()
  await clock.advance(0)
  expect(journal.appended).toHaveLength(3)
})
