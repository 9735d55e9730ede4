import type { Known } from './device.ts'
import { printerObstacle } from './printer-health.ts'
import { tseObstacle } from './tse-health.ts'
import type { Trouble } from './usable.ts'

/** Why a device that answers can do nothing; undefined where it can. */
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

/** What an act threw. */
export function asTrouble(error: unknown): Trouble {
  if (error instanceof Error && 'code' in error) return { code: String(error.code), message: error.message }
  return { code: 'unavailable', message: error instanceof Error ? error.message : 'The device does not answer.' }
}
