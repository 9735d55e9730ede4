import { localDate, SHOP_ZONE } from '../../base/clock.ts'
import type { Warning } from './warning.ts'

/**
 * How early the end of a device's certificate is reported: a new one has to be ordered, sent and made known to the
 * tills.
 */
export const CERTIFICATE_NOTICE_MS = 90 * 86_400_000

/** The end of a certificate, in time to order another device; `afterwards` is the code once it has come. */
export function certificateWarnings(endsAtMs: number, nowMs: number, afterwards: Warning['code']): Warning[] {
  if (endsAtMs - nowMs >= CERTIFICATE_NOTICE_MS) return []
  const due = localDate(endsAtMs, SHOP_ZONE)
  const hasEnded = endsAtMs <= nowMs
  const message = `The certificate ${hasEnded ? 'ended' : 'ends'} on ${due}: order a new device.`
  return [{ code: hasEnded ? afterwards : 'device_certificate_expiring', message, due }]
}
