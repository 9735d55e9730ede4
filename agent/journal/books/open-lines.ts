/** The part of an order's line that is open in one group. */
export type OpenLine = {
  readonly line: string
  readonly order: string
  /** The group of the order. */
  readonly born: string
  readonly sku: string
  /** In units of 10⁻⁸. */
  readonly quantity: bigint
  /** Its place among all lines that were ever ordered: the lower one is older. */
  readonly since: number
}
/** A part of an open line, in the group in which it is open. */
export type OpenPart = OpenLine & { readonly group: string }

/** The open lines of one location. */
export type OpenLines = {
  /** How many there are; a line that is open in two groups counts in both. */
  readonly size: number
  /** In the order in which their oldest lines were ordered. */
  groups(): readonly { readonly group: string; readonly lines: readonly OpenLine[] }[]
  /** The oldest first. */
  in(group: string): readonly OpenLine[]
  /** The open lines with these ids, in whatever group. */
  named(ids: ReadonlySet<string>): readonly OpenPart[]
}
