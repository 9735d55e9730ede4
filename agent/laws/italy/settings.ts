import { z } from 'zod'
import { strict } from '../../../base/settings/strict.ts'
import { vatKind } from '../../../base/settings/values.ts'
import type { LawSettings } from '../../config/law-settings.ts'
import type { Payment } from '../../contract/goods.ts'

const tenderNumber = z.int().min(1).max(99)

function tender(number: number) {
  return tenderNumber.default(number)
}

const rt = strict({
  // Payment method → number of the printer's payment table. Unspecified money is not electronic money: it has no
  // default.
  tenders: strict({
    cash: tender(1),
    card: tender(4),
    mobile: tender(4),
    online: tender(4),
    digital_wallet: tender(4),
    voucher: tender(5),
    bank_transfer: tender(7),
    gift_card: tender(10),
    store_credit: tender(10),
    other: tenderNumber.optional(),
  } satisfies Record<Payment['method'], z.ZodType>).prefault({}),
  tipDepartment: vatKind.default('N1'),
  giftCardDepartment: vatKind.default('N2'),
}).prefault({})

export const SETTINGS = {
  word: 'rt',
  keys: { rt: { schema: () => rt } },
  example: {
    devices: `    // The printer is the fiscal memory. A stable name is under /dev/serial/by-id/.
    { "id": "rt-1", "driver": "rt-rch",
      "serial": { "path": "/dev/ttyUSB0", "baudRate": 9600 },
      // VAT rate or natura code: department as the installer programmed it
      "departments": { "0.22": 1, "0.10": 2, "0.05": 3, "0.04": 4,
                       "N1": 5, "N2": 6, "N3": 7, "N4": 8, "N5": 9, "N6": 10 },
      // How long the line is waited for: acknowledgement, reply, printing, reports, between two bytes. "rt-custom" has no
      // "gapMs", "rt-epson" no "ackMs" either
      "timeouts": { "ackMs": 1000, "replyMs": 5000, "printMs": 30000, "longMs": 180000, "gapMs": 10000 },
      // What differs by model and firmware; left out, the usual holds
      "profile": { "address": "01", "protocol": "N", "textMax": 36, "nonFiscalTextMax": 48, "tenders": 11,
                   "changeTenders": [1, 3, 5], "repeats": 3, "nakQuietMs": 50, "busyPauseMs": 500, "busyMs": 30000,
                   "pollMs": 200, "paperWaitMs": 3000 } },

    // On the network: "tcp": { "host": "192.168.1.31", "port": 23 } instead of "serial"; by its USB ids:
    // "serial": { "usb": { "vendorId": "0x1a86", "productId": "0x7523", "serialNumber": "A1" } }, the last where it has one
    // { "id": "rt-1", "driver": "rt-custom", "serial": { "path": "/dev/ttyACM0", "baudRate": 19200 },
    //   "profile": { "textMax": 32, "nackQuietMs": 50, "busyPauseMs": 500, "busyMs": 30000, "pollMs": 200,
    //                "tenders": { "1": "01", "2": "07", "3": "02", "4": "03", "5": "05", "6": "50", "7": "51", "8": "52", "9": "53" } } },
    // On USB without a serial line: "usb": { "vendorId": "0x0dd4", "productId": "0x01a8", "serialNumber": "K3" } instead of it
    // A printer in software, for trials only: { "id": "rt-1", "driver": "rt-simulator" },
    // { "id": "rt-1", "driver": "rt-epson", "http": { "host": "192.168.1.30" } },`,
    keys: `
  // How the printer numbers its tenders, and those of tips and gift cards. "other" has no number unless it is named here:
  // which class is printed decides whether the money counts as electronic.
  "rt": {
    "tenders": { "cash": 1, "card": 4, "mobile": 4, "online": 4, "digital_wallet": 4,
                 "voucher": 5, "bank_transfer": 7, "gift_card": 10, "store_credit": 10 },
    "tipDepartment": "N1", "giftCardDepartment": "N2"
  },
`,
  },
} as const satisfies LawSettings
