import type { DemoShift } from '../../../demo-shift.ts'
import { PRINTED, paperOf, provePaper } from '../proofs.ts'
import { proveClasses } from './class-proof.ts'
import { workDay } from './day.ts'
import { DEVICE, SHOP } from './shop.ts'

export const BAR: DemoShift = {
  title: 'A day of an Italian bar, on the embedded printer simulator',
  isAudited: true,
  device: DEVICE,
  shop: SHOP,
  headings: { shift: 'The day, as the till sends it, and what came out of the printer' },
  work: workDay,
  ...PRINTED,
  prove: async ({ steps, stateDirectory }) => {
    const paper = await paperOf(stateDirectory)
    return [provePaper(steps, paper), proveClasses(steps, paper)]
  },
}
