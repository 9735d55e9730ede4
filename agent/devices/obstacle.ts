import type { UnitReport } from './device.ts'
import { printerObstacle } from './printer-health.ts'
import { tseObstacle } from './tse-health.ts'
import type { Trouble } from './usable.ts'

export const UNPLUGGED: Trouble = { code: 'unavailable', message: 'The device was unplugged.' }

/** Why a device that answers cannot work; undefined if it can. */
export function obstacleOf(report: UnitReport): Trouble | undefined {
  switch (report.kind) {
    case 'tse':
      return tseObstacle(report.health)
    case 'signature_card':
      return undefined
    case 'fiscal_printer':
      return printerObstacle(report.health)
  }
}

/** The error of an act as a trouble. */
export function asTrouble(error: unknown): Trouble {
  if (error instanceof Error && 'code' in error) return { code: String(error.code), message: error.message }
  return { code: 'unavailable', message: error instanceof Error ? error.message : 'The device does not answer.' }
}
