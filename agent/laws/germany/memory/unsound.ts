import type { TarReport } from '../../../../verify/tse/verify-tar.ts'
import { FiskalError } from '../../../errors.ts'

const FINDINGS_TOLD = 5
const NAMES = { archive: 'The archive of the TSE is', logs: 'The logs of the TSE are' } as const

export function toldFindings(findings: TarReport['findings']): string[] {
  return findings.map(({ file, what }) => (file === '' ? what : `${file}: ${what}`))
}

/** What was read out of a unit is not what it signed, or another unit's. */
export function unsound(
  what: keyof typeof NAMES,
  { findings, findingCount, logs, firstCounter, lastCounter, serial }: TarReport,
  isForeign: boolean,
): FiskalError {
  const told = toldFindings(findings).slice(0, FINDINGS_TOLD)
  if (isForeign) told.unshift(`of another TSE, ${serial ?? 'unknown'}`)
  const more = findingCount > FINDINGS_TOLD ? ` and ${findingCount - FINDINGS_TOLD} more` : ''
  return new FiskalError('unprocessable_entity', `${NAMES[what]} not sound: ${told.join('; ')}${more}.`, {
    findings: told,
    logs,
    first_counter: firstCounter ?? null,
    last_counter: lastCounter ?? null,
  })
}
