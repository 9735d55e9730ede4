import type { Finding } from '../../../../verify/dsfinvk/finding.ts'
import { describeFinding } from '../../../../verify/dsfinvk/finding.ts'

/** The package is refused: it, or the data it is made from, has a fault. */
export class DsfinvkRefusedError extends Error {
  override readonly name = 'DsfinvkRefusedError'
  readonly code = 'dsfinvk_refused'
  readonly findings: readonly Finding[]
  readonly findingCount: number

  constructor(findings: readonly Finding[], findingCount: number) {
    const [first] = findings
    const more = findingCount > 1 ? ` (and ${findingCount - 1} more)` : ''
    super(`The DSFinV-K package is refused: ${first === undefined ? 'no reason known' : describeFinding(first)}${more}`)
    this.findings = findings
    this.findingCount = findingCount
  }

  /** For the client: each finding as a sentence. */
  get details(): { findings: string[]; finding_count: number } {
    return { findings: this.findings.map(describeFinding), finding_count: this.findingCount }
  }
}
