import type { ReceiptLaw } from '../../../agent/receipts/receipt-law.ts'
import { FACTS } from './facts.ts'
import { factsIn } from './shapes.ts'

/** On paper: the signature, and what it is over as a code to scan. */
export const RECEIPT: ReceiptLaw = {
  ...{ name: FACTS.name, country: FACTS.country, timeZone: FACTS.timeZone },
  identifiers: [],
  signed: (information) => {
    const { payload, signature } = factsIn(information)
    return {
      block: (say) => ({ fiscal: [{ label: say('signature'), value: signature }], qr: `${payload};${signature}` }),
      notices: ['By order of the Crown'],
    }
  },
  numberOf: (information) => factsIn(information).payload.split(';')[1] ?? '',
  numbersReceipts: true,
  isSigned: () => true,
  hasCode: true,
  head: { externalId: false, registerSerial: true },
  pendingNotice: 'unsettled',
  namesClosings: false,
  belowTotal: ['gift_card', 'on_account'],
  settlement: 'not_taxable',
  reasonOf: () => 'exempt',
  namesZeroRates: false,
  empties: 'empties_returned',
  rateLetters: { '15000000': 'R' },
}
