/** Ids of the ministry's checking tool in its own spelling. A finding that the tool does not have has an id of this project. */
export type FindingId =
  | 'DEP_STRUCTURE'
  | 'DEP_CERTIFICATES'
  | 'DEP_CHAINING_VALUE'
  | 'DEP_ONLY_ONE_CASHBOX_ID'
  | 'DEP_ONLY_ONE_SYTEM_TYPE'
  | 'DEP_STATE'
  | 'DEP_TIME_SEQUENCE'
  | 'DEP_TURNOVER_COMPARE'
  | 'DEP_UNIQUE_RECEIPT_ID'
  | 'STATE_CASHBOX'
  | 'STATE_SIGDEVICE'
  | 'CRYPTO_SIGNATURE'
  | 'FORMAT_JWS'
  | 'FORMAT_RK_SUITE'
  | 'FORMAT_TAX_SET'
  | 'FORMAT_BASE64_CHARS'
  | 'FORMAT_HEX_CHARS'
  | 'FORMAT_CHECK_TIMEANDDATE'
  | 'FORMAT_LENGTH'
  | 'BASICCONSTRAINTS_NUMBER_OF_ELEMENTS'

/** The code of the same finding in a comparison with the journal, and the unit that the receipt names. */
export type UnitFlaw = { code: 'rksv_signature_wrong' | 'rksv_unit_unknown'; serial: string }

/** `position` counts the receipts of the file from 1; 0 means the file itself. A warning does not make the file invalid. */
export type Finding = {
  id: FindingId
  level: 'error' | 'warning'
  position: number
  number: string
  message: string
  unit?: UnitFlaw
}

const FINDINGS_MAX = 100
const TEXT_MAX = 200

/** Keeps the first findings and counts all, so that a broken file of a million receipts needs little memory. */
export class Findings {
  readonly kept: Finding[] = []
  total = 0
  errors = 0

  add(finding: Finding): void {
    this.total += 1
    if (finding.level === 'error') this.errors += 1
    if (this.kept.length >= FINDINGS_MAX) return
    this.kept.push({ ...finding, message: finding.message.slice(0, TEXT_MAX), number: finding.number.slice(0, 40) })
  }
}

/** The findings in words. `isCoded` adds the codes that a comparison with the journal has too. */
export function describeDep7({ findings, findingsTotal }: DescribedReport, isCoded: boolean): string[] {
  const lines = findings.map(
    ({ id, level, position, number, message, unit }) =>
      `receipt ${position} (${number}): ${message} (${isCoded && unit !== undefined ? `${unit.code}, ` : ''}${id}, ${level})`,
  )
  return findingsTotal > lines.length ? [...lines, `and ${findingsTotal - lines.length} more`] : lines
}

type DescribedReport = { readonly findings: readonly Finding[]; readonly findingsTotal: number }
