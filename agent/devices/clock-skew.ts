import type { TimeGate } from '../../drivers/ports/time-gate.ts'
import type { Known } from './device.ts'

type Skewed = { readonly known: Known | undefined; readonly time: Pick<TimeGate, 'skewMs'> | undefined }

/**
 * The device's clock less that of this machine; undefined until it was measured since the latter last stepped.
 * Signatures after the last health check count too: most TSEs report their time only in a signature.
 */
export function clockSkewOf({ known, time }: Skewed): number | undefined {
  if (known === undefined || known.kind === 'signature-card') return undefined
  return known.health.clockSkewMs ?? time?.skewMs()
}
