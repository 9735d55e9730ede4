import type { DeviceUnit } from '../../drivers/ports/device.ts'
import type { IdentityOf } from '../regimes/regime.ts'

export type DeviceState = 'ready' | 'degraded' | 'down' | 'foreign'

export type DeviceIdentity = IdentityOf<DeviceUnit>

/** Open on a TSE for a client that is no register of this agent. */
export type ForeignTransaction = { number: number; client: string }

export type DeviceChange = { state: DeviceState; code: string | undefined; message: string | undefined }
