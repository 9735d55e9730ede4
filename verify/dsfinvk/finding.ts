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
