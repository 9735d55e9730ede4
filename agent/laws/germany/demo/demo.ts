import type { DemoShift } from '../../demo-shift.ts'
import { at } from '../../demo-shift.ts'
import { EXPORTS, proveShift, signedByTse } from './proofs.ts'
import { SHOP, workShift } from './shift.ts'

export const DEMO: DemoShift = {
  title: "A German bakery's shift, signed by the embedded TSE simulator",
  device: { id: 'tse-1', driver: 'tse-simulator', inventory: { bsiId: '0412-2020', kind: 'usb' } },
  shop: SHOP,
  registered: ({ fiscalization }) => [
    ['TSE client', at(fiscalization, 'client_id')],
    ['TSE serial', `${at(fiscalization, 'tse_serial').slice(0, 48)}…`],
  ],
  headings: { shift: 'The shift, as a till sends it', receipt: 'The receipt of the second sale' },
  work: workShift,
  signed: signedByTse,
  exports: EXPORTS,
  prove: proveShift,
}
