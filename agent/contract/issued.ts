import * as z from 'zod'

/** How a receipt was issued to the customer, in the order in which lists name them. */
export const issuedAs = z.enum(['paper', 'digital', 'paper_and_digital', 'e_invoice', 'none'])
export type IssuedAs = z.output<typeof issuedAs>

export const issueOperation = z
  .strictObject({
    issued_as: issuedAs.describe(
      '`paper`: printed · `digital`: sent, or shown to be scanned or photographed · `paper_and_digital` · `e_invoice`: replaced by an electronic invoice of another program (Germany) · `none`: the customer took neither.',
    ),
  })
  .describe('How the receipt of a completed operation was issued.')
export type IssueOperation = z.output<typeof issueOperation>
