import type { DemoShift } from '../../../demo-shift.ts'
import { PRINTED, PRINTER_DEVICE, paperOf, provePaper } from '../proofs.ts'
import { proveClasses } from './class-proof.ts'
import { workDay } from './day.ts'
import { SHOP } from './shop.ts'

/** The departments of the simulated printer, and one of 22 % for services. */
const DEPARTMENTS = { '0.22': 1, '0.22/servizi': 12, '0.10': 2, '0.04': 4, N1: 5, N2: 6 }

export const BAR: DemoShift = {
  title: 'A day of an Italian bar, on the embedded printer simulator',
  isAudited: true,
  device: { ...PRINTER_DEVICE, departments: DEPARTMENTS },
  shop: SHOP,
  headings: { shift: 'The day, as the till sends it, and what came out of the printer' },
  work: workDay,
  ...PRINTED,
  prove: async ({ steps, stateDirectory }) => {
    const paper = await paperOf(stateDirectory)
    return [provePaper(steps, paper), proveClasses(steps, paper)]
  },
}
