import { dayBounds, localDate, SHOP_ZONE } from '../../base/clock.ts'
import type { OpenedDevice } from '../../drivers/ports/device.ts'
import type { Warning } from './warning.ts'

/**
 * How early the end of a device's certificate is reported: a new one has to be ordered, sent and made known to the
 * tills.
 */
export const CERTIFICATE_NOTICE_MS = 90 * 86_400_000

/** The end of the certification of a unit by the BSI, which has another day than its certificate (AEAO § 146a, 1.17). */
export function certificationEndMs({ certifiedUntil }: Pick<OpenedDevice, 'certifiedUntil'>): number | undefined {
  return certifiedUntil === undefined ? undefined : dayBounds(certifiedUntil, SHOP_ZONE).lastMs
}

/** The end of a certificate, in time to order another device; `afterwards` is the code once it has come. */
export function certificateWarnings(
  endsAtMs: number,
  nowMs: number,
  afterwards: Warning['code'],
  what = 'certificate',
): Warning[] {
  if (endsAtMs - nowMs >= CERTIFICATE_NOTICE_MS) return []
  const due = localDate(endsAtMs, SHOP_ZONE)
  const hasEnded = endsAtMs <= nowMs
  const message = `The ${what} ${hasEnded ? 'ended' : 'ends'} on ${due}: order a new device.`
  return [{ code: hasEnded ? afterwards : 'device_certificate_expiring', message, due }]
}
