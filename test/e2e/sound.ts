import { expect } from 'vitest'
import { verifyJournal } from '../verified-journal.ts'
import type { Bench } from './bench.ts'

/** The journal verifies without a finding while the agent is stopped. */
export async function expectSound(bench: Bench): Promise<void> {
  await bench.stop()
  expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true, codes: [] })
  await bench.start()
}
