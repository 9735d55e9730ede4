import { expect, test, vi } from 'vitest'
import { JournalReadError } from '../../agent/journal/disk/storage-error.ts'
import type { IntentRow } from '../../agent/journal/projections/view.ts'
import type { LawRules, Outcome } from '../../agent/laws/law.ts'
import { Recorder } from '../../agent/till/recording/recorder.ts'
import { Workflow } from '../../agent/till/recording/workflow.ts'
import { systemClock } from '../../base/clock.ts'
import { openJournal, temporaryDirectory } from '../journal/temporary-journal.ts'
import { documentOf } from '../some-document.ts'

test('an act that a failed read kept from beginning has no owner: it can be reconciled', async () => {
  const journal = await openJournal(await temporaryDirectory())
  // The step is known; what the journal holds cannot be read.
  vi.spyOn(journal.view, 'progress').mockImplementation(() => {
    throw new JournalReadError()
  })
  const perform = vi.fn()
  const law = { order: 'any', perform } as unknown as LawRules
  const lawOfDocument = () => law
  const courses = new Workflow({ clock: systemClock, newId: () => 'op_1', lawOfDocument, troubleOf: () => undefined })
  const fault = (): void => undefined
  const recorder = new Recorder({
    journal,
    workflow: courses,
    clock: systemClock,
    deadlineMs: 1000,
    lawOfDocument,
    fault,
  })
  const act = { device: 'tse-1', name: 'start' }
  const document = documentOf('sale', { set: { id: 'op_1' } })
  const plan = { goal: 'open' as const, status: 201 }
  const next = { root: 1, op: 'op_1', intent: 2, act, plan, document, law }
  const finished = recorder.finish({ events: [], next, document, status: 201 }, 1)
  expect(recorder.carries(2)).toBe(true)
  await expect(finished).rejects.toMatchObject({ code: 'storage_unavailable' })
  expect([recorder.carries(2), recorder.isRunning(1)]).toEqual([false, false])
  expect(perform).not.toHaveBeenCalled()
  await journal.close()
})

test('an act that is concluded while the one before it is asked about is not asked about', async () => {
  const journal = await openJournal(await temporaryDirectory())
  const row = (seq: number) => ({ seq, op: `op_${seq}`, device: 'rt-1' }) as IntentRow
  const open = [row(1), row(2)]
  const plan = { goal: 'completed' as const, status: 200 }
  vi.spyOn(journal.view, 'openIntents').mockImplementation(() => [...open])
  vi.spyOn(journal.view, 'openIntentsOf').mockImplementation((op) => open.filter((one) => one.op === op))
  vi.spyOn(journal.view, 'bodyAt').mockImplementation(() => ({ act: { device: 'rt-1', name: 'print' }, plan }))
  vi.spyOn(journal.view, 'document').mockImplementation((id) => documentOf('sale', { set: { id } }))
  const unknown: Outcome = { kind: 'unknown', code: 'timeout', message: 'no answer' }
  const askOutcome = vi.fn(async () => {
    // A person says meanwhile what became of the other one.
    open.pop()
    return unknown
  })
  const law = { order: 'device', askOutcome } as unknown as LawRules
  const lawOfDocument = () => law
  const workflow = new Workflow({ clock: systemClock, newId: () => 'op_3', lawOfDocument, troubleOf: () => undefined })
  const fault = (): void => undefined
  const recorder = new Recorder({ journal, workflow, clock: systemClock, deadlineMs: 1000, lawOfDocument, fault })
  await recorder.order.reconcile('rt-1')
  expect(askOutcome).toHaveBeenCalledTimes(1)
  await journal.close()
})
