import { expect, test } from 'vitest'
import { MatteringOutages, outageSince, outagesOf } from '../../agent/devices/outages.ts'
import type { StoredEvent } from '../../agent/journal/events.ts'

const HOUR_MS = 3_600_000
const startMs = Date.parse('2026-03-02T08:00:00Z')

/** The events of one device; `reads` returns how many were read since its last call. */
function journalled() {
  const events: StoredEvent[] = []
  let read = 0
  const view = {
    nextPortionOf: (op: string, after: number): StoredEvent[] => {
      const portion = op === 'card-1' ? events.slice(after, after + 7) : []
      read += portion.length
      return portion
    },
  }
  let latest = 0
  const add = (state: string, hours: number, serial: string | null = 'aa', elapsed = hours, boot = 'b'): void => {
    const at = new Date(startMs + hours * HOUR_MS).toISOString()
    const mono = String(BigInt(elapsed * HOUR_MS) * 1_000_000n)
    const [seq, kind] = [events.length + 1, state === 'serviced' ? 'device.serviced' : 'device.changed']
    const body = JSON.stringify({ facts: { state, serial }, ...(hours < latest && { clock: 'suspect' }) })
    latest = Math.max(latest, hours)
    events.push({ seq, kind, op: 'card-1', at, boot, mono, body, hash: Buffer.alloc(32) })
  }
  const reads = (): number => {
    const made = read
    read = 0
    return made
  }
  return { view, add, reads }
}

function spans(outages: Iterable<{ fromMs: number; toMs: number | undefined }>) {
  return [...outages].map(({ fromMs, toMs }) => [(fromMs - startMs) / HOUR_MS, toMs && (toMs - startMs) / HOUR_MS])
}

test('an outage begins once, whatever is found during it, and ends when the device is ready', () => {
  const { view, add } = journalled()
  add('ready', 0)
  add('down', 1)
  add('foreign', 2, 'bb')
  add('serviced', 3)
  add('ready', 4, 'cc')
  expect([...outagesOf(view, 'card-1')]).toMatchObject([{ serial: 'aa', nextSerial: 'cc' }])
  expect(outageSince(view, 'card-1')).toBeUndefined()
  add('down', 5)
  expect(spans(outagesOf(view, 'card-1'))).toEqual([
    [1, 4],
    [5, undefined],
  ])
  expect(outageSince(view, 'card-1')).toBe(startMs + 5 * HOUR_MS)
  expect([...outagesOf(view, 'card-2')]).toEqual([])
})

test('an outage keeps its true length if the clock was set back during it', () => {
  const { view, add } = journalled()
  add('ready', 0)
  add('down', 10)
  add('ready', -30, 'aa', 60)
  add('down', -20, 'aa', 70)
  // Counted again by another process: its clock is the only source.
  add('ready', 5, 'aa', 0, 'c')
  expect(spans(outagesOf(view, 'card-1'))).toEqual([
    [10, 60],
    [-20, 5],
  ])
})

test('an outage that a clock began which was not set yet counts from when it is', () => {
  const notSet = -startMs / HOUR_MS
  const { view, add } = journalled()
  add('down', notSet, 'aa', 0)
  expect(outageSince(view, 'card-1')).toBe(0)
  // Reported again by a clock that is set.
  add('down', 10, 'aa', 1)
  expect(outageSince(view, 'card-1')).toBe(startMs + 10 * HOUR_MS)
  add('ready', 12, 'aa', 3)
  // Over before it was reported again.
  add('down', notSet, 'aa', 0, 'c')
  add('ready', 20, 'aa', 2, 'c')
  expect(spans(outagesOf(view, 'card-1'))).toEqual([
    [10, 12],
    [18, 20],
  ])
})

test('each event of a contact that was bad for years is read once, and the relevant ones are kept', () => {
  const { view, add, reads } = journalled()
  const mattering = new MatteringOutages(view, ({ fromMs, toMs }) => toMs - fromMs >= HOUR_MS)
  for (let turn = 0; turn < 1000; turn += 1) {
    add('ready', turn)
    add('down', turn + 0.5)
  }
  add('ready', 1100)
  expect([spans(mattering.of('card-1')), reads()]).toEqual([[[999.5, 1100]], 2001])
  expect([spans(mattering.of('card-1')), reads()]).toEqual([[[999.5, 1100]], 0])
  add('down', 1200)
  expect([spans(mattering.of('card-1')), reads()]).toEqual([
    [
      [999.5, 1100],
      [1200, undefined],
    ],
    1,
  ])
  add('ready', 1200.25)
  expect(spans(mattering.of('card-1'))).toEqual([[999.5, 1100]])
})
