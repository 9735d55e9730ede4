import type { TimeGate } from '../../drivers/ports/time-gate.ts'
import type { UnitReport } from './device.ts'

type Skewed = { readonly lastReport: UnitReport | undefined; readonly time: Pick<TimeGate, 'skewMs'> | undefined }

/**
 * The device's clock less that of this machine; undefined until it was measured since the latter last stepped.
 * Signatures after the last health check count too: most TSEs report their time only in a signature.
 */
export function clockSkewOf({ lastReport, time }: Skewed): number | undefined {
  if (lastReport === undefined || lastReport.kind === 'signature_card') return undefined
  return lastReport.health.clockSkewMs ?? time?.skewMs()
}
