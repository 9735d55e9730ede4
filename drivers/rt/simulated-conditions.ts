import type { StandingFaults } from '../fault-times.ts'
import { UNTIL_CLEAR } from '../fault-times.ts'
import type { FaultName, Struck } from './simulated-faults.ts'
import { milliseconds, timeOf } from './simulated-faults.ts'

/** Conditions that block a simulated printer or distort its answers. */
export type Conditions = {
  paper: boolean
  coverClosed: boolean
  memoryFull: boolean
  inService: boolean
  /** RCH: it prints documents that are worthless. */
  simulation: boolean
  /** Files not yet sent to the tax office. */
  pendingFiles: number
  /** The oldest of them, which the tax office rejected. */
  rejectedFiles: number
  /** The printer's clock less the true time. */
  clockOffsetMs: number
}

export function soundConditions(): Conditions {
  return {
    paper: true,
    coverClosed: true,
    memoryFull: false,
    inService: true,
    simulation: false,
    pendingFiles: 0,
    rejectedFiles: 0,
    clockOffsetMs: 0,
  }
}

/** Applies the faults: paper and cover for their time, the others until the faults are cleared. */
export function spoilConditions(
  conditions: Conditions,
  struck: Struck,
  standing: StandingFaults,
  loadPaper: () => void = () => {
    conditions.paper = true
  },
): void {
  if (struck.has('paper-out')) {
    conditions.paper = false
    standing.begin('paper-out', timeOf(struck, 'paper-out'), loadPaper)
  }
  if (struck.has('cover-open')) {
    conditions.coverClosed = false
    standing.begin('cover-open', timeOf(struck, 'cover-open'), () => {
      conditions.coverClosed = true
    })
  }
  const keep = <Key extends keyof Conditions>(name: FaultName, key: Key, value: Conditions[Key]): void => {
    if (!struck.has(name)) return
    conditions[key] = value
    standing.begin(name, UNTIL_CLEAR, () => {
      conditions[key] = soundConditions()[key]
    })
  }
  keep('memory-full', 'memoryFull', true)
  keep('out-of-service', 'inService', false)
  keep('simulation', 'simulation', true)
  keep('pending', 'pendingFiles', Number(struck.get('pending') || 25))
  keep('rejected', 'rejectedFiles', Number(struck.get('rejected') || 1))
  keep('clock', 'clockOffsetMs', -milliseconds(struck, 'clock'))
}
