import type { OfferedExport } from '../offered-export.ts'

export const OFFERED: readonly OfferedExport[] = [
  {
    type: 'pos_links',
    description: 'the links of payment terminals and printers, for the portal (.csv)',
    asks: 'nothing',
  },
  { type: 'pos_sheet', description: 'card payments of a month, by terminal and printer (.csv)', asks: 'month' },
]
