import type { OfferedExport } from '../offered-export.ts'

export const OFFERED: readonly OfferedExport[] = [
  {
    type: 'dep7',
    isVerified: true,
    description: 'the signed receipts of a register (Datenerfassungsprotokoll, § 7 RKSV), checked',
  },
  { type: 'dep131', description: 'all that was done at an Austrian register (CSV, § 131b BAO)' },
  {
    type: 'rksv_crypto',
    description: "AES key and certificates for the ministry's checking tool: secret, mode 0600",
    asks: 'register',
  },
]
