import type { TseOptions } from '../called-tse.ts'
import type { Link } from '../links/link.ts'

/** `secrets`: `puk` of 6, `adminPin` and `timeAdminPin` of 5 digits; `secret` of 8 characters if it is not the factory's. */
export type EpsonOptions = TseOptions & {
  /** To the TSE host: a printer, TSE Server 3 or the driver's service. */
  link: Link
  /** Name of this TSE at the host; default `local_TSE`. */
  deviceId?: string | undefined
  /** Remembers the session, so that a restart does not wait a minute for the device. */
  directory: string
  timeouts: { replyMs: number; longMs: number }
}
