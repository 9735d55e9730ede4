// @module-tag heavy
import { expect, test } from 'vitest'
import { registerDuties } from '../../agent/laws/austria/duties.ts'
import type { Duty } from '../../agent/laws/duty.ts'
import { isFulfilled } from '../../agent/till/duty-records.ts'
import { AES_KEY } from '../drivers/finanzonline/subjects.ts'
import { DutySite } from './duty-site.ts'

const DAY_MS = 86_400_000
const CALLS_MAX = 40

function registrations(count: number): Duty[] {
  return Array.from({ length: count }, (_, at) => {
    const facts = {
      ...{ id: `reg_${at}`, cashBoxId: `GW-AT-${at}`, startedOn: '2026-11-27', startCode: '_R1_a' },
      ...{ keyCheckValue: 'abc', years: [], openYears: [], startClosing: 'clo_1', outages: [], end: undefined },
    }
    const source = {
      merchant: ['merchant_1'],
      aesKey: () => AES_KEY,
      unitTask: undefined,
      hasOtherProvider: () => false,
      outageEnds: () => [],
    }
    return registerDuties(facts, '2026-11-27', source).slice(0, 1)
  }).flat()
}

test('a day of maintenance with 200 duties makes at most 40 calls, and then each is done once', async () => {
  const duties = registrations(200)
  const site = await DutySite.open(() => duties)
  const isDone = () => duties.every(({ task }) => isFulfilled(site.journal.view, task.id, 'P'))
  try {
    // No register is taken before a unit.
    site.simulator.inject('portal register-unit 2a91f3c4 AT1')
    site.simulator.inject('maintenance=1000000@*')
    await site.until(() => false, DAY_MS)
    expect(site.simulator.calls).toBeLessThanOrEqual(CALLS_MAX)
    expect(site.simulator.calls).toBeGreaterThan(20)
    site.simulator.clearFaults()
    await site.until(isDone, DAY_MS)
    const accepted = site.simulator.record().filter((line) => line.what === 'accepted' && line.packet !== undefined)
    expect(new Set(accepted.map(({ subject }) => subject)).size).toBe(200)
    expect(accepted).toHaveLength(200)
    expect(site.errors).toEqual([])
  } finally {
    await site.close()
  }
})
