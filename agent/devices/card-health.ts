import type { Json } from '../../base/canonical.ts'
import { rfc3339 } from '../../base/clock.ts'
import type { DeviceUnit } from '../../drivers/ports/device.ts'
import type { SignatureCardHealth } from '../../drivers/ports/signature-card.ts'
import { certificateWarnings } from './certificate.ts'
import type { Warning } from './warning.ts'

/** The text that a signature card signs to prove that it can. */
const PROOF = Buffer.from('fiskal-edge: does this unit sign?', 'ascii')

/** Throws DeviceError for a card that does not sign. */
export async function proveSignature(unit: DeviceUnit): Promise<void> {
  if (unit.kind === 'signature_card') await unit.sign(PROOF)
}

/** Time between two tries to reach a signature unit that is down: a module loads and logs in at each of them. */
export function cardProbeMs(outageMs: number): number {
  return outageMs < 600_000 ? 2000 : 10_000
}

/** `health` of a signature unit in GET /v1/devices; `holder` is whom its certificate names as owner of the register. */
export function cardHealth(health: SignatureCardHealth, holder: string | undefined): Record<string, Json> {
  return {
    certificate_expires_at: rfc3339(health.certificateExpiresAtMs),
    description: health.description,
    ...(holder !== undefined && { certificate_holder: holder }),
  }
}

/** The end of its certificate is not an alarm: it may continue to sign (§ 15 Abs. 3 RKSV). */
export function cardWarnings(health: SignatureCardHealth, nowMs: number): Warning[] {
  // A card that was never set up has no certificate.
  if (!health.initialised) return []
  return certificateWarnings(health.certificateExpiresAtMs, nowMs, 'device_certificate_expiring')
}
