/** An export of a law, as `fiskal-edge export` offers it. */
export type OfferedExport = {
  readonly type: string
  readonly description: string
  /** True if the command verifies the file that it has written. */
  readonly isVerified?: true
  /** The question of the command, instead of a range and a register. */
  readonly asks?: 'month' | 'register' | 'nothing'
}
