/** One fault of a package, and its place. */
export type Finding = {
  file?: string | undefined
  /** Line number; 1 is the header. */
  line?: number | undefined
  /** Register and number of the closing. */
  closing?: string | undefined
  bon?: string | undefined
  column?: string | undefined
  what: string
  /** Section of the DSFinV-K or number of the check. */
  rule: string
}

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

/** `lines.csv:14, register Z 3, bon 7, MENGE: …` */
export function describeFinding({ file, line, closing, bon, column, what, rule }: Finding): string {
  const places = [
    file === undefined ? undefined : `${file}${line === undefined ? '' : `:${line}`}`,
    closing,
    bon === undefined ? undefined : `bon ${bon}`,
    column,
  ].filter((place) => place !== undefined)
  return `${places.length > 0 ? `${places.join(', ')}: ` : ''}${what} (${rule})`
}
