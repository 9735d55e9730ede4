import type { DemoShift, Proof } from '../../demo-shift.ts'
import { at, demand } from '../../demo-shift.ts'
import { PRINTED, PRINTER_DEVICE, paperOf, provePaper } from './proofs.ts'
import { SHOP, workShift } from './shift.ts'

export const DEMO: DemoShift = {
  title: "An Italian coffee roaster's shift, on the embedded printer simulator",
  device: PRINTER_DEVICE,
  shop: SHOP,
  headings: { shift: 'The shift, as a till sends it, and what came out of the printer' },
  work: workShift,
  ...PRINTED,
  prove: async ({ steps, stateDirectory, file, exportSecret }) => [
    provePaper(steps, await paperOf(stateDirectory)),
    proveLinks(await exportSecret('pos_links', file('pos-links.csv'))),
    proveCards(await exportSecret('pos_sheet', file('pos-sheet.csv'))),
  ],
}

/** The terminal and its printer are one task. */
function proveLinks(sheet: unknown): Proof {
  demand(at(sheet, 'lines') === '1', `the terminal has ${at(sheet, 'lines')} duties`)
  return { what: 'Card terminal', found: 'its link is a duty at the portal: pos-links.csv' }
}

/** The printer has all of them under its electronic class. */
function proveCards(sheet: unknown): Proof {
  const difference = at(sheet, 'differenza')
  demand(difference === '0.00', `${difference} of the card payments are not on documents`)
  const found = `till ${at(sheet, 'pos')}, printer ${at(sheet, 'rt')}, difference ${difference}: pos-sheet.csv`
  return { what: 'Card payments', found }
}
