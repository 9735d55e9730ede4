import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { MachineNumbers } from '../../agent/state/machine-numbers.ts'
import type { Clock } from '../../base/clock.ts'
import type { BenchOptions, Register } from '../e2e/bench.ts'
import { Bench } from '../e2e/bench.ts'
import type { Members } from '../e2e/client.ts'
import { FastClock } from '../e2e/fast-clock.ts'
import { temporaryDirectory } from '../journal/temporary-journal.ts'
import { keyed } from './restored-shop.ts'

/** The daemon compares the file of its journal, a command does not. */
const MACHINE: MachineNumbers = { id: 'a'.repeat(32), parts: ['disk S4EVNF0M912345'] }
/** An entry of a TSE that is unplugged. */
export const AWAY: Members = { id: 'tse-1', driver: 'tse-cryptovision', path: '/media/none' }
const TSE: Members = { id: 'tse-1', driver: 'tse-simulator' }

/** One clock for all agents of a test: a later one must not begin in the past of the former. */
const CLOCK = new FastClock(20)

/** The same clock, set otherwise. */
export function shifted(byMs = 0): Clock {
  return { now: () => CLOCK.now() + byMs, mono: () => CLOCK.mono(), after: (ms, act) => CLOCK.after(ms, act) }
}

export function opened(options: BenchOptions = {}): Promise<Bench> {
  return Bench.open({ clock: CLOCK, machine: () => MACHINE, ...options })
}

/** The unit of the lost state: a unit is a device, and is never put back with the disk. */
export type Unit = 'there' | 'away' | 'replaced'

/** A copy of the stopped state, as `cp -a` makes it, and the shop after `lose` opened on that copy. */
export async function putBack(
  bench: Bench,
  register: Register,
  options: {
    lose: (register: Register) => Promise<unknown>
    unit: Unit
    isMarked: boolean
    config?: Members
    clock?: Clock
  },
): Promise<{ shop: Bench; register: Register; state: string }> {
  const { lose, unit, isMarked, config = {}, clock = CLOCK } = options
  const folder = await temporaryDirectory()
  const state = join(folder, 'state')
  await bench.restart(() => cp(bench.config.state, state, { recursive: true }))
  await lose(keyed(bench, register))
  await bench.stop()
  await rm(join(state, 'devices'), { recursive: true, force: true })
  if (unit !== 'replaced') await cp(join(bench.config.state, 'devices'), join(state, 'devices'), { recursive: true })
  if (!isMarked) await rm(join(state, 'journal.file'), { force: true })
  const devices = [unit === 'away' ? AWAY : TSE]
  const shop = await opened({ config: { devices, ...config, state }, clock })
  return { shop, register: keyed(shop, register), state }
}

/** The unit is plugged in again: the same state with the entry of the unit. */
export async function withUnit(shop: Bench, config: Members = {}): Promise<Bench> {
  await shop.stop()
  return opened({ config: { devices: [TSE], ...config, state: shop.config.state } })
}

/** Waits until each target has the journal up to now. An agent sends what an earlier start left unsent at once. */
export async function untilKept(bench: Bench): Promise<void> {
  if (bench.config.sync.targets.length === 0) return
  const head = bench.head()
  await bench.restart()
  await bench.until(async () => {
    const rows = await bench.office.list('/v1/sync')
    return rows.length > 0 && rows.every((row) => Number(row['acked_seq']) >= head)
  })
}
