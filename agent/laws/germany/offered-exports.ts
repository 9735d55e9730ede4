import type { OfferedExport } from '../offered-export.ts'

export const OFFERED: readonly OfferedExport[] = [
  { type: 'dsfinvk', description: 'the closings of German registers (DSFinV-K), checked' },
  { type: 'tse_tar', description: 'the signed logs of a TSE (TR-03151 archive)' },
]
