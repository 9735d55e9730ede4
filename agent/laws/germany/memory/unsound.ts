import type { TarReport } from '../../../../verify/tse/verify-tar.ts'
import { FiskalError } from '../../../errors.ts'

const FINDINGS_SHOWN = 5
const NAMES = { archive: 'The archive of the TSE is', logs: 'The logs of the TSE are' } as const

export function findingLines(findings: TarReport['findings']): string[] {
  return findings.map(({ file, what }) => (file === '' ? what : `${file}: ${what}`))
}

/** The error for logs that are not what the unit signed, or that belong to another unit. */
export function unsound(
  what: keyof typeof NAMES,
  { findings, findingCount, logs, firstCounter, lastCounter, serial }: TarReport,
  isForeign: boolean,
): FiskalError {
  const shown = findingLines(findings).slice(0, FINDINGS_SHOWN)
  if (isForeign) shown.unshift(`of another TSE, ${serial ?? 'unknown'}`)
  const more = findingCount > FINDINGS_SHOWN ? ` and ${findingCount - FINDINGS_SHOWN} more` : ''
  return new FiskalError('unprocessable_entity', `${NAMES[what]} not sound: ${shown.join('; ')}${more}.`, {
    findings: shown,
    logs,
    first_counter: firstCounter ?? null,
    last_counter: lastCounter ?? null,
  })
}
