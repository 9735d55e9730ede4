import type { OfferedExport } from '../../../agent/laws/offered-export.ts'

export const OFFERED: readonly OfferedExport[] = [
  { type: 'rur_ledger', description: 'the signed receipts of Ruritania' },
]
