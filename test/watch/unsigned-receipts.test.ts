import { expect, test } from 'vitest'
import { isOutage } from '../../agent/devices/error-verdict.ts'
import { Meters } from '../../agent/watch/meters.ts'
import { UnsignedReceipts } from '../../agent/watch/unsigned-receipts.ts'
import { ManualClock } from '../manual-clock.ts'

const HOUR_MS = 3_600_000
const REGISTER = 'reg_1'

function failed(op: string, code = 'refused') {
  const fiscal = { state: 'failed', error: { code, message: 'no', occurred_at: '' } }
  const begun = { kind: 'operation.created', op, body: { index: { kind: 'sale' } } }
  const receipt = { register: REGISTER, number: 1 }
  return [begun, { kind: 'operation.completed', op, body: { set: { fiscal }, status: 'completed', receipt } }] as const
}

function counted() {
  const clock = new ManualClock()
  const unsigned = new UnsignedReceipts(clock)
  const meters = new Meters((register, code) => unsigned.note(register, code))
  const sell = (op: string, code?: string) => {
    for (const event of failed(op, code)) meters.noteEvent(event as Parameters<Meters['noteEvent']>[0])
  }
  return { clock, unsigned, meters, sell }
}

test('receipts that no device signed are counted for 24 hours, by register and reason', async () => {
  const { clock, unsigned, sell } = counted()
  const firstMs = clock.now()
  sell('op_1')
  await clock.advance(HOUR_MS)
  sell('op_2')
  sell('op_3', 'unavailable')
  expect(unsigned.of(REGISTER)).toEqual({ count: 3, sinceMs: firstMs })
  expect(unsigned.of(REGISTER, (code) => code === 'refused')).toEqual({ count: 2, sinceMs: firstMs })
  expect(unsigned.of('reg_2')).toBeUndefined()
  await clock.advance(23 * HOUR_MS + 1)
  expect(unsigned.of(REGISTER)).toEqual({ count: 2, sinceMs: firstMs + HOUR_MS })
  await clock.advance(HOUR_MS)
  expect(unsigned.of(REGISTER)).toBeUndefined()
  expect(unsigned.registers()).toEqual([])
})

test('a receipt with the marker of an outage counts, and as no refusal of a device that is ready', () => {
  const { unsigned, meters } = counted()
  const fiscal = { state: 'succeeded', receipt_text: 'Sicherheitseinrichtung ausgefallen' }
  const sell = (op: string, isMarked: boolean) => {
    const set = { fiscal, fiscal_information: { regime: 'RKSV', security_device_failed: isMarked } }
    const receipt = { register: 'reg_9', number: 41 }
    meters.noteEvent({
      kind: 'operation.created',
      op,
      body: { index: { kind: 'sale', merchant: 'm', register: 'reg_9' } },
    })
    meters.noteEvent({ kind: 'operation.completed', op, body: { set, status: 'completed', receipt } })
  }
  for (const [op, isMarked] of Object.entries({ op_1: true, op_2: false, op_3: true })) sell(op, isMarked)
  expect(unsigned.of('reg_9')?.count).toBe(2)
  const isRefusal = (code: string) => !isOutage('signature_card', { code, effect: 'none' })
  expect(unsigned.of('reg_9', isRefusal)).toBeUndefined()
})

test('a clock that is set forward or back makes no receipt older or younger', async () => {
  const { clock, unsigned, sell } = counted()
  sell('op_1')
  clock.jump(48 * HOUR_MS)
  expect(unsigned.of(REGISTER)?.count).toBe(1)
  clock.jump(-96 * HOUR_MS)
  expect(unsigned.of(REGISTER)?.count).toBe(1)
  await clock.advance(25 * HOUR_MS)
  expect(unsigned.of(REGISTER)).toBeUndefined()
})

test('a start counts those of the last day of the journal, and none from before or twice', async () => {
  const { clock, unsigned } = counted()
  const hoursAgo = [30, 25, 23, 2, 1]
  const events = hoursAgo.flatMap((hours, index) =>
    failed(`op_${index}`).map((event) => ({
      ...event,
      body: JSON.stringify(event.body),
      at: new Date(clock.now() - hours * HOUR_MS).toISOString(),
    })),
  )
  const stored = events.map((event, index) => ({ ...event, seq: index + 1 }))
  const view = {
    event: (seq: number) => stored[seq - 1],
    portionAfter: (seq: number, limit: number) => stored.slice(seq, seq + Math.min(limit, 3)),
  }
  // The last one was appended since the start, and counted then.
  await unsigned.readLastDay(view as unknown as Parameters<UnsignedReceipts['readLastDay']>[0], 8)
  expect(unsigned.of(REGISTER)).toEqual({ count: 2, sinceMs: clock.now() - 23 * HOUR_MS })
  await clock.advance(2 * HOUR_MS)
  expect(unsigned.of(REGISTER)?.count).toBe(1)
})
