import type { Known } from './device.ts'
import { printerObstacle } from './printer-health.ts'
import { tseObstacle } from './tse-health.ts'
import type { Trouble } from './usable.ts'

export const UNPLUGGED: Trouble = { code: 'unavailable', message: 'The device was unplugged.' }

/** Why a device that answers cannot work; undefined if it can. */
export function obstacleOf(known: Known): Trouble | undefined {
  switch (known.kind) {
    case 'tse':
      return tseObstacle(known.health)
    case 'signature-card':
      return undefined
    case 'fiscal-printer':
      return printerObstacle(known.health)
  }
}

/** The error of an act as a trouble. */
export function asTrouble(error: unknown): Trouble {
  if (error instanceof Error && 'code' in error) return { code: String(error.code), message: error.message }
  return { code: 'unavailable', message: error instanceof Error ? error.message : 'The device does not answer.' }
}
