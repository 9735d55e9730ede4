import type { DemoShift } from '../../../demo-shift.ts'
import { DEVICE, SHOP } from '../bar/shop.ts'
import { PRINTED, paperOf, provePaper } from '../proofs.ts'
import { workEmergency } from './day.ts'
import { proveNumbers, proveSums } from './once-proof.ts'

export const EMERGENCY: DemoShift = {
  title: 'A day of an Italian bar whose printer dies, on the embedded printer simulator',
  isAudited: true,
  device: DEVICE,
  shop: SHOP,
  headings: { shift: 'The day, as the till sends it, and what came out of the printer' },
  work: workEmergency,
  ...PRINTED,
  prove: async ({ steps, stateDirectory }) => [
    provePaper(steps, await paperOf(stateDirectory)),
    proveNumbers(steps),
    proveSums(steps),
  ],
}
