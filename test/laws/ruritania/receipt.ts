import type { ReceiptLaw } from '../../../agent/receipts/receipt-law.ts'
import { FACTS } from './facts.ts'

/** On paper: the signature, and what it is over as a code to scan. */
export const RECEIPT: ReceiptLaw = {
  ...{ name: FACTS.name, country: FACTS.country, timeZone: FACTS.timeZone },
  vatIdLabel: 'vat_id',
  signed: (information) => {
    const { payload, signature } = information as unknown as { payload: string; signature: string }
    return {
      block: (say) => ({ fiscal: [{ label: say('signature'), value: signature }], qr: `${payload};${signature}` }),
      notices: ['By order of the Crown'],
    }
  },
  head: { externalId: false, registerSerial: true },
  pendingNotice: 'unsettled',
  namesClosings: false,
  countsVouchers: true,
  reasonOf: () => 'exempt',
  namesZeroRates: false,
  rateLetters: { '15000000': 'R' },
}
