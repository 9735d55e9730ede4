import type { Config } from '../../agent/config/config.ts'
import { checkConfig } from '../../agent/config/config.ts'
import type { Exports } from '../../agent/till/exports/exports.ts'
import type { Clock } from '../../base/clock.ts'
import type { OpenedDevice } from '../../drivers/ports/device.ts'
import type { AnswerLog } from '../crash/answer-log.ts'
import type { Seeded } from '../crash/seeded.ts'
import type { Till } from '../crash/till.ts'

/** What can go wrong beside the agent's process. */
export type Mishaps = {
  /** Fault points at which the agent may be killed. */
  readonly points: readonly [string, ...string[]]
  /** By how many days the clock may jump. */
  readonly jumps: readonly [number, ...number[]]
  /** Lets something befall a device, by lot; what it was, in words. */
  befall(random: Seeded): string
  clearFaults(): void
  /** Each device loses its power for a moment. */
  restart(): void
}

/** What remains to be compared when all is over. */
export type Remains = { folder: string; files: Pick<Exports, 'write'>; answers: AnswerLog }

/** A shop under one law as it stands around the agent: devices that outlive its processes, and tills that never give up. */
export type Site = Mishaps & {
  readonly config: Config
  readonly startMs: number
  /** Whose memory is compared with the journal, where it has one. */
  readonly device: string | undefined
  /** The devices as one life of the agent reaches them. */
  connect(clock: Clock, random: Seeded): readonly OpenedDevice[]
  /** The technician's work before the first start. */
  prepare?(): Promise<void>
  /** Registers, each with its till. */
  openShop(office: Till): Promise<string[]>
  work(till: Till, register: string): Promise<void>
  /** What a device has begun and not ended. */
  unfinished(): Promise<readonly unknown[]>
  /** What does not hold, in words, beyond what the journal itself tells. */
  prove(remains: Remains): Promise<string[]>
  close(): Promise<void>
}

/** The configuration of an agent that listens nowhere. */
export function siteConfig(state: string, devices: readonly object[], more: object = {}): Config {
  const listen = { host: '127.0.0.1', port: 0 }
  return checkConfig('simulated', { version: 1, listen, state, devices, ...more }, state)
}
