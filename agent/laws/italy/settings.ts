import { z } from 'zod'
import type { LawSettings } from '../../../base/settings/law-settings.ts'
import { strict } from '../../../base/settings/strict.ts'
import { departmentKey } from '../../../base/settings/values.ts'
import type { Payment } from '../../contract/payment.ts'

const tenderNumber = z.int().min(1).max(99)

function tender(number: number) {
  return tenderNumber.default(number)
}

const rt = strict({
  // Payment method → number of the printer's payment table. Unspecified money is not electronic money, and a transfer
  // may be electronic money, not collected, or followed by an invoice: they have no default.
  tenders: strict({
    cash: tender(1),
    card: tender(4),
    mobile: tender(4),
    online: tender(4),
    digital_wallet: tender(4),
    voucher: tender(5),
    bank_transfer: tenderNumber.optional(),
    gift_card: tender(10),
    store_credit: tender(10),
    other: tenderNumber.optional(),
    on_account: tenderNumber.optional(),
  } satisfies Record<Exclude<Payment['method'], 'rounding'>, z.ZodType>).prefault({}),
  tipDepartment: departmentKey.default('N1'),
  giftCardDepartment: departmentKey.default('N2'),
  // Null: a shop that does not round up.
  roundingDepartment: departmentKey.nullable().default('N2'),
}).prefault({})

export const SETTINGS = {
  word: 'rt',
  keys: { rt: { schema: () => rt } },
  example: `
  // How the printer numbers its tenders, and the departments of tips, gift cards and cash that is rounded up (null: it is
  // not). "bank_transfer", "other" and "on_account" have no number unless it is named here: which class is printed decides
  // whether the money counts as electronic.
  "rt": {
    "tenders": { "cash": 1, "card": 4, "mobile": 4, "online": 4, "digital_wallet": 4,
                 "voucher": 5, "gift_card": 10, "store_credit": 10 },
    "tipDepartment": "N1", "giftCardDepartment": "N2", "roundingDepartment": "N2"
  },
`,
} as const satisfies LawSettings
