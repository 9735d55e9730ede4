import { expect, test } from 'vitest'
import type { DeviceSupervisor } from '../../agent/devices/supervisor.ts'
import type { LawRules } from '../../agent/laws/law.ts'
import type { ReconciliationOptions } from '../../agent/till/recording/reconciliation.ts'
import { Reconciliation } from '../../agent/till/recording/reconciliation.ts'
import { ManualClock } from '../manual-clock.ts'

const laws = [
  { facts: { name: 'KassenSichV', deviceKinds: ['tse'] }, outage: { sells: true } },
  { facts: { name: 'RT', deviceKinds: ['fiscal_printer'] }, outage: { sells: false } },
] as unknown as readonly LawRules[]

/** The milliseconds after which tills may come, with a device of that kind that does not answer. */
async function waitWith(kind: 'tse' | 'fiscal_printer'): Promise<number> {
  const clock = new ManualClock(0)
  const journal = { view: { openIntents: () => [] } }
  const unresolved = { start: () => undefined }
  const reconciliation = new Reconciliation({ journal, laws, unresolved, clock } as unknown as ReconciliationOptions)
  const device = { id: 'one', device: { unit: { kind } }, connect: () => new Promise(() => undefined) }
  let isOpen = false
  void reconciliation.startUp([device as unknown as DeviceSupervisor]).then(() => {
    isOpen = true
  })
  for (let ms = 0; ms < 10_000; ms += 100) {
    if (isOpen) return ms
    await clock.advance(100)
  }
  throw new Error('they never may')
}

test('tills wait up to five seconds for a TSE at the start, and not for a printer', async () => {
  expect(await waitWith('tse')).toBe(5_000)
  expect(await waitWith('fiscal_printer')).toBe(300)
})
