import { expect, test } from 'vitest'
import type { StoredEvent } from '../../../agent/journal/events.ts'
import { writeDep131 } from '../../../agent/regimes/rksv/dep131.ts'

const EVENTS = 500
const EVERYTHING = { from: '', to: '~', units: [] }

function eventAt(seq: number): StoredEvent {
  const empty = Buffer.alloc(0)
  const stored = { at: '2026-03-02T08:00:00.000Z', boot: '', mono: '0', hash: empty }
  return { ...stored, seq, kind: 'operation.completed', op: `op_${seq}`, body: '{"answer":{"to":1}}' }
}

test('of a protocol few documents are read in one go', async () => {
  let read = 0
  const portions: number[] = []
  const view = {
    portionAfter: (after: number, limit: number) =>
      Array.from({ length: Math.min(limit, EVENTS - after) }, (_, index) => eventAt(after + index + 1)),
    document: (id: string) => {
      read++
      return { id, register_id: 'reg_1', type: 'sale', status: 'completed' }
    },
  }
  let rows = 0
  for await (const text of writeDep131(view, 'reg_1', EVERYTHING)) {
    rows += text.split('\n').length - 1
    portions.push(read)
    read = 0
  }
  expect([rows, portions.reduce((sum, count) => sum + count, 0)]).toEqual([EVENTS + 1, EVENTS])
  expect(Math.max(...portions)).toBeLessThanOrEqual(32)
})
