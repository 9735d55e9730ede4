import type { Clock } from '../../base/clock.ts'
import type { CurveName } from '../tr03151/algorithms.ts'
import { CredentialFile } from './credential-file.ts'
import type { SeLimits } from './limits.ts'
import { defaultLimits } from './limits.ts'
import { SoftwareUnit } from './software-unit.ts'
import type { Credential } from './users.ts'
import { SeUsers } from './users.ts'

/** The options of the simulator of any TSE with its own bytes. */
export type UnitSimulatorOptions = {
  /** Key, logs and PINs of the unit. */
  directory: string
  clock: Clock
  /** Device time of each function. */
  latencyMs?: number
  limits?: Partial<SeLimits>
  /** Number of logs signed before the unit was initialised; default 0. */
  history?: number | undefined
  /** The text with its certification that the unit reports; default: its description. */
  certification?: string
}

type UnitKind = {
  description: string
  /** Its users as delivered, by the tries that a PIN has; default: none. */
  delivered?: (pinTries: number) => Readonly<Record<string, Credential>>
  /** The limits of units of this family; default: those of most units. */
  usualLimits?: SeLimits
  curve?: CurveName
  /** One file of its archives for the whole chain of certificates; default: one for each. */
  chainFile?: string
}

export type SimulatedUnit = {
  unit: SoftwareUnit
  users: SeUsers
  limits: SeLimits
  description: string
  certification: string
}

/** The unit of a simulator, with its users. NOT CERTIFIED. */
export function simulatedUnit(
  { directory, clock, limits: changed, history, certification }: UnitSimulatorOptions,
  { description, delivered = () => ({}), usualLimits = defaultLimits, curve, chainFile }: UnitKind,
): SimulatedUnit {
  const limits = { ...usualLimits, ...changed }
  const users = new SeUsers(new CredentialFile(directory, delivered(limits.pinTries)), limits.pinTries)
  const info = { description, manufacturer: 'fiskal-edge', version: '1' }
  const unit = new SoftwareUnit({ directory, curve, clock, limits, info, users, history, chainFile })
  return { unit, users, limits, description, certification: certification ?? description }
}
