import { expect, test } from 'vitest'
import type { EventKind } from '../../../agent/journal/event-kinds.ts'
import type { StoredEvent } from '../../../agent/journal/events.ts'
import { writeDep131 } from '../../../agent/laws/austria/dep131.ts'

/** The column `kind` of the row that an event gives; undefined if it gives none. */
async function wordOf(kind: EventKind, op: string, body: object): Promise<string | undefined> {
  const at = '2026-11-20T22:00:00.000Z'
  const event: StoredEvent = {
    ...{ seq: 1, kind, op, at, boot: 'b', mono: '0', body: JSON.stringify(body) },
    hash: Buffer.alloc(32),
  }
  const view = { portionAfter: (after: number) => (after === 0 ? [event] : []), document: () => undefined }
  let text = ''
  const selection = { from: '2026-01-01', to: '2027-01-01', units: ['card-1'] }
  for await (const part of writeDep131(view, 'reg_1', selection)) text += part
  const [head = '', row] = text.trim().split('\n')
  return row?.split(';')[head.split(';').indexOf('kind')]
}

test.each<[EventKind, string]>([
  ['register.created', 'register.created'],
  ['register.chain_lost', 'register.chain_lost'],
  ['register.decommission_refused', 'register.decommission_refused'],
  ['register.decommission_requested', 'register.decommission_requested'],
  ['register.decommissioned', 'register.decommissioned'],
  ['register.device_changed', 'register.device_changed'],
  ['register.fiscalize_failed', 'register.fiscalize_failed'],
  ['register.fiscalize_refused', 'register.fiscalize_refused'],
  ['register.fiscalize_requested', 'register.fiscalize_requested'],
  ['register.fiscalized', 'register.fiscalized'],
  ['register.tse_replaced', 'register.tse_replaced'],
  ['register.updated', 'register.updated'],
])('the archive prints %s as %s', async (kind, word) => {
  expect(await wordOf(kind, 'reg_1', { set: { fiscalization_status: 'failed' } })).toBe(word)
  expect(await wordOf(kind, 'reg_1', { set: { fiscalization_status: 'pending' } })).toBeUndefined()
  expect(await wordOf(kind, 'reg_1', { set: {} })).toBeUndefined()
})

test.each(['ready', 'down', 'foreign', 'degraded'])(
  'the archive prints a device that is %s as before',
  async (state) => {
    const body = { facts: { device: 'card-1', state, code: null, message: null, serial: null } }
    expect(await wordOf('device.changed', 'card-1', body)).toBe(
      state === 'degraded' ? undefined : `device.${state} card-1`,
    )
    expect(await wordOf('device.changed', 'card-2', body)).toBeUndefined()
  },
)
