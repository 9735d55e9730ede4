import type { Config } from '../../agent/agent-config.ts'
import { checkConfig } from '../../agent/agent-config.ts'
import type { DutyDesk } from '../../agent/till/duty-desk.ts'
import type { Exports } from '../../agent/till/exports/exports.ts'
import type { Json } from '../../base/canonical.ts'
import type { Clock } from '../../base/clock.ts'
import type { OpenedDevice } from '../../drivers/ports/device.ts'
import type { PrintedRecord } from '../../drivers/rt/simulated-memory.ts'
import type { AnswerLog } from '../crash/answer-log.ts'
import type { Seeded } from '../crash/seeded.ts'
import type { Till } from '../crash/till.ts'
import type { DeskParts } from './tax-office.ts'

/** The faults outside of the agent's process. */
export type Mishaps = {
  /** Fault points at which the agent may be killed. */
  readonly points: readonly [string, ...string[]]
  /** By how many days the clock may jump. */
  readonly jumps: readonly [number, ...number[]]
  /** Applies a random fault to a device; returns the fault in words. */
  befall(random: Seeded): string
  clearFaults(): void
  /** Each device loses its power for a moment. */
  restart(): void
}

/** The remains to compare after the last life. */
export type Remains = {
  folder: string
  files: Pick<Exports, 'write'>
  answers: AnswerLog
  /** The sheets of the emergency register of a device. */
  sheets: (device: string) => Promise<readonly Json[]>
}

/** A shop under one law around the agent: devices that outlive its processes, and tills that retry without limit. */
export type Site = Mishaps & {
  readonly config: Config
  readonly startMs: number
  /** The device whose memory is compared with the journal, if it has one. */
  readonly device: string | undefined
  /** The devices as one life of the agent reaches them. */
  connect(clock: Clock, random: Seeded): readonly OpenedDevice[]
  /** The printer whose emergency register a technician opens, and its paper. */
  readonly emergency?: { readonly device: string; paper(): readonly PrintedRecord[] } | undefined
  /** The desk of one life, with an authority. */
  openDesk?(parts: DeskParts): DutyDesk
  /** The technician's work before the first start. */
  prepare?(): Promise<void>
  /** Registers, each with its till. */
  openShop(office: Till): Promise<string[]>
  work(till: Till, register: string): Promise<void>
  /** The acts that a device has begun and not ended. */
  unfinished(): Promise<readonly unknown[]>
  /** The broken rules, in words, beyond those of the journal itself. */
  prove(remains: Remains): Promise<string[]>
  close(): Promise<void>
}

/** The configuration of an agent that listens nowhere. */
export function siteConfig(state: string, devices: readonly object[], more: object = {}): Config {
  const listen = { host: '127.0.0.1', port: 0 }
  return checkConfig('simulated', { version: 1, listen, state, devices, ...more }, state)
}
