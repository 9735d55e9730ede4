import type { DemoShift, ShiftStep, Signed } from '../../../demo-shift.ts'
import { at } from '../../../demo-shift.ts'
import { shortened } from '../../../demo-words.ts'
import { EXPORTS, proveShift, signedByTse } from '../proofs.ts'
import { proveCounter } from './counter-proof.ts'
import { workEvening } from './evening.ts'
import { proveOpenLines } from './open-lines.ts'
import { SHOP } from './shop.ts'

/** Characters of a signed text that fit on the screen. */
const SHOWN_MAX = 64

export const RESTAURANT: DemoShift = {
  title: 'An evening in a German restaurant, signed by the embedded TSE simulator',
  isSeparate: true,
  device: { id: 'tse-1', driver: 'tse-simulator' },
  shop: SHOP,
  registered: ({ fiscalization, terminals }) => [
    ['TSE client', at(fiscalization, 'client_id')],
    ['Handhelds', (terminals as readonly unknown[]).map((terminal) => at(terminal, 'id')).join(', ')],
  ],
  headings: { shift: 'The evening, as the waiters send it' },
  work: workEvening,
  signed: signedOnScreen,
  exports: EXPORTS,
  prove: async (shown) => [...(await proveShift(shown)), proveOpenLines(shown.steps), await proveCounter(shown)],
}

/** The lines of an order are separated by CR, which a terminal would obey. */
function signedOnScreen(step: ShiftStep): Signed | undefined {
  const signed = signedByTse(step)
  if (signed === undefined) return undefined
  const content = signed.content.replaceAll('\r', ' ␍ ')
  return { ...signed, content: shortened(content, SHOWN_MAX) }
}
