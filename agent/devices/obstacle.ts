import type { DeviceHealth } from '../../drivers/ports/device.ts'
import type { Trouble } from '../regimes/regime.ts'
import { printerObstacle } from './printer-health.ts'

/** Why a device that answers can do nothing; undefined where it can. */
export function obstacleOf(health: DeviceHealth): Trouble | undefined {
  if ('paper' in health) return printerObstacle(health)
  const isDisabled = 'disabled' in health && health.disabled
  return isDisabled ? { code: 'disabled', message: 'The TSE was put out of service.' } : undefined
}
