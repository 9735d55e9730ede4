import type { DemoShift } from '../../demo-shift.ts'
import { DUTY_KINDS } from '../duty-kinds.ts'
import { CARD_DEVICE } from './device.ts'
import { EXPORTS, proveReceipts, registeredUnit, signedByCard } from './proofs.ts'
import { SHOP, workShift } from './shift.ts'

/** The turnover counter after the shift. */
const TURNOVER_CENTS = 3930n

export const DEMO: DemoShift = {
  title: "An Austrian bakery's shift, signed by the embedded card simulator",
  hasDisplay: true,
  device: CARD_DEVICE,
  shop: SHOP,
  authority: {
    service: 'finanzonline',
    title: 'FinanzOnline',
    fault: 'lost-answer@registrierung_kasse',
    duties: [
      [DUTY_KINDS.unitRegistration.kind, 'Signature unit', 'registered'],
      [DUTY_KINDS.registerRegistration.kind, 'Register', 'registered'],
      [DUTY_KINDS.startReceiptCheck.kind, 'Startbeleg', 'checked'],
    ],
    lost: [
      'The answer was lost on the way. The agent asked for the status before',
      'it sent again: the register was known, so nothing was sent twice.',
    ],
    after: ['A test fulfils nothing: in production these three would be done now.'],
  },
  registered: registeredUnit,
  headings: { shift: 'The shift, as a till sends it', receipt: 'The receipt of the last sale' },
  work: workShift,
  signed: signedByCard,
  exports: EXPORTS,
  prove: async (shown) => [await proveReceipts(shown, TURNOVER_CENTS)],
}
