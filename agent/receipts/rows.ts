import type { ReceiptModel } from '../contract/receipt.ts'

/** The rows that have a value, as labelled texts. */
export function present(rows: readonly (readonly [label: string, value: unknown])[]): ReceiptModel['fiscal'] {
  return rows
    .filter(([, value]) => value !== undefined && value !== null && value !== '')
    .map(([label, value]) => ({ label, value: String(value) }))
}
