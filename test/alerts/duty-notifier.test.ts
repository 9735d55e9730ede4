import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { DutyNotifier } from '../../agent/wiring/duty-notifier.ts'

const OP = 'duty_startbeleg-check-1'

test('a duty that is answered while the list is read does not go out as it was, under its newest event', async () => {
  let state = 'due'
  let newest = 1
  let append: () => void = () => undefined
  const told: [number, object][] = []
  const due: (() => void)[] = []
  const view = { firstOf: () => [], newestOf: () => [{ seq: newest, at: '2026-03-02T09:00:00.000Z' }] }
  const onAppend = (listen: (seq: number, events: object[]) => void) => {
    append = () => listen(newest, [{ kind: 'duty.answered', op: OP }])
    return () => undefined
  }
  const change = (to: string) => {
    state = to
    newest += 1
    append()
  }
  let isFirst = true
  const read = async () => {
    const listed = [{ id: 'startbeleg-check-1', state }]
    if (isFirst) change('confirmed')
    isFirst = false
    return listed
  }
  const notify = ({ seq, duty }: { seq: number; duty: object }) => {
    // Each event is told once.
    if (told.every(([known]) => known !== seq)) told.push([seq, duty])
  }
  const clock = {
    mono: () => 0n,
    now: () => 0,
    after: (_ms: number, act: () => void) => {
      due.push(act)
      return () => undefined
    },
  }
  const parts = {
    journal: { view, onAppend },
    clock,
    list: { read },
    notify,
    onError: (error: unknown) => expect.unreachable(String(error)),
  }
  const notifier = new DutyNotifier(parts as never)
  await notifier.open(0)
  change('sent')
  due.shift()?.()
  await setImmediate()
  due.shift()?.()
  await setImmediate()
  expect(told).toEqual([[3, { id: 'startbeleg-check-1', state: 'confirmed' }]])
})
