import type { DemoShift } from '../../../demo-shift.ts'
import { CARD_DEVICE } from '../device.ts'
import { EXPORTS, proveCodes, proveReceipts, registeredUnit, signedByCard } from '../proofs.ts'
import { TURNOVER_CENTS, workDay } from './day.ts'
import { SHOP } from './shop.ts'

export const STALL: DemoShift = {
  title: 'A day of an Austrian market stall, signed by the embedded card simulator',
  isAudited: true,
  device: CARD_DEVICE,
  shop: SHOP,
  registered: registeredUnit,
  headings: { shift: 'The day, as the stall sends it' },
  work: workDay,
  signed: signedByCard,
  exports: EXPORTS,
  prove: async (shown) => [await proveReceipts(shown, TURNOVER_CENTS), await proveCodes(shown)],
}
