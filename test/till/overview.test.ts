import { expect, test } from 'vitest'
import type { NewEvent } from '../../agent/journal/events.ts'
import type { OverviewOptions } from '../../agent/till/reading/overview.ts'
import { overviewOf } from '../../agent/till/reading/overview.ts'
import { systemClock } from '../../base/clock.ts'
import { markEvent } from '../journal/some-event.ts'
import { openJournal, temporaryDirectory } from '../journal/temporary-journal.ts'

const MERCHANT = 'merchant_1'
const SHOWN = 200
const OFFICE = { caller: { kind: 'platform', keyId: 'key_1' }, merchantId: MERCHANT } as const

function registers(prefix: string, count: number, status: string): NewEvent[] {
  return Array.from({ length: count }, (_, at) => {
    const [id, name] = [`reg_${prefix}${at}`, `${prefix}${at}`]
    const set = { id, name, merchant_id: MERCHANT, fiscalization_status: status, fiscal_device: 'tse-1' }
    return markEvent(id, { index: { kind: 'register', merchant: MERCHANT }, set })
  })
}

async function shop() {
  const journal = await openJournal(await temporaryDirectory())
  const append = (...events: NewEvent[]) => journal.commit('outcome', () => ({ events, result: undefined }))
  await append(markEvent(MERCHANT, { index: { kind: 'merchant' }, set: { id: MERCHANT } }))
  let asked = 0
  const options: OverviewOptions = {
    ...{ journal, clock: systemClock, devices: new Map(), laws: [], receiptLaws: [], version: '1', startedAtMs: 0 },
    unitsOf: (device) => [device],
    registerTroubles: () => [],
    isDamaged: () => false,
    alerts: () => ({ open: [], channels: [] }),
    around: () => ({ devices: [], sync: [], warnings: [] }),
    readiness: () => {
      asked++
      return { ready: true, state: 'ready', details: {}, warnings: [] }
    },
  }
  return { journal, append, look: () => overviewOf(options, OFFICE), asked: () => asked }
}

test('of more than 200 registers the first are shown, without the retired ones, and that there are more', async () => {
  const { journal, append, look } = await shop()
  await append(...registers('old', 600, 'decommissioned'), ...registers('new', SHOWN, 'not_fiscalized'))
  const all = look()
  expect([all.registers.length, all.more_registers]).toEqual([SHOWN, false])
  await append(...registers('last', 1, 'not_fiscalized'))
  const cut = look()
  expect([cut.registers.length, cut.more_registers]).toEqual([SHOWN, true])
  expect([cut.registers[0]?.name, cut.registers.at(-1)?.name]).toEqual(['new0', 'new199'])
  await journal.close()
})

test('whether the agent is ready is found out once for all registers: each warning is made for that', async () => {
  const { journal, append, look, asked } = await shop()
  await append(...registers('', SHOWN, 'not_fiscalized'))
  expect(look()).toMatchObject({ selling: 'no', reason: 'not_fiscalized' })
  expect(asked()).toBe(1)
  await journal.close()
})
