import { expect, test } from 'vitest'
import type { NewEvent } from '../../agent/journal/events.ts'
import type { Journal } from '../../agent/journal/journal.ts'
import { PLAN } from './projection-events.ts'
import { markEvent } from './some-event.ts'
import { openJournal, temporaryDirectory } from './temporary-journal.ts'

const ACT = { device: 'tse-1', name: 'start' }

/** Resolves with the seq of the first event. */
function append(journal: Journal, ...events: readonly NewEvent[]): Promise<number> {
  return journal.commit('outcome', (_view, seq) => ({ events: [...events], result: seq }))
}

/** A merchant, written through the tables, makes a group of events take the other way into the journal. */
const BESIDE = markEvent('m_1', { index: { kind: 'merchant' }, set: { name: 'Bäckerei' } })

test.each([
  ['alone', []],
  ['in a group', [BESIDE]],
])('an event that cannot follow in its document is refused %s, before and after a restart', async (_way, beside) => {
  const directory = await temporaryDirectory()
  const journal = await openJournal(directory)
  const root = await append(journal, markEvent('op_1', { plan: PLAN, act: ACT }))
  const answer = { status: 200, to: root }
  const end = markEvent('op_1', { root, ref: root, answer })
  const impossible = [
    markEvent('op_1', { plan: PLAN, act: ACT }),
    markEvent('op_1', { root, ref: root + 1, answer }),
    markEvent('op_1', { root: root + 1, ref: root, answer }),
    markEvent('op_2', { root, ref: root, answer }),
    markEvent('', { ref: root + 1 }),
  ]
  const refusals = async (of: Journal): Promise<void> => {
    for (const event of impossible)
      await expect(append(of, ...beside, event)).rejects.toThrow(/cannot follow|no open act/)
  }
  await refusals(journal)
  expect(journal.headSeq).toBe(root)
  await journal.close()
  const again = await openJournal(directory)
  await refusals(again)
  await append(again, end)
  await expect(append(again, ...beside, end)).rejects.toThrow('cannot follow where the document is ended')
  expect(again.view.openIntents()).toEqual([])
  await again.close()
})

test('a refused request leaves its document unchanged: the next one begins', async () => {
  const journal = await openJournal(await temporaryDirectory())
  await append(journal, markEvent('op_1', { plan: { goal: 'open', status: 201 }, answer: { status: 201 } }))
  const root = await append(journal, markEvent('op_1', { plan: PLAN, act: ACT }))
  await append(journal, markEvent('op_1', { root, ref: root, release: root }))
  await append(journal, markEvent('op_1', { plan: PLAN, act: ACT }))
  expect(journal.view.openIntentsOf('op_1')).toHaveLength(1)
  await journal.close()
})
