import * as z from 'zod'
import { lineType } from './goods.ts'
import { agencyId } from './members.ts'
import { currency, moneySum, timestamp } from './scalars.ts'

/** The languages of receipts, warnings and the page. */
export const LANGUAGES = ['de', 'en', 'it'] as const
export type Language = (typeof LANGUAGES)[number]

const language = z.enum(LANGUAGES)

/** Labels are in the receipt's language. */
export const receiptText = z
  .strictObject({ label: z.string().describe("In the receipt's language."), value: z.string().describe('The text.') })
  .describe('A text to print as it is, with its label.')
export const receiptAmount = z
  .strictObject({
    label: z.string().describe("In the receipt's language."),
    value: moneySum.describe('The amount, gross.'),
  })
  .describe('An amount with its label.')

export const receiptLine = z
  .strictObject({
    kind: z
      .enum([
        ...lineType.options,
        'tip',
        'discount',
        'gift_card_redeemed',
        'gift_card_issued',
        'on_account',
        'cash',
        'information',
      ])
      .describe('Kind of the line, for a till with its own layout.'),
    ...receiptAmount.shape,
    quantity: z.string().optional().describe('How many, as a decimal string; missing for one piece.'),
    unit: z.string().optional().describe('Unit of the quantity, such as kg.'),
    unit_price: moneySum.optional().describe('Price of one unit, gross.'),
    tax_key: z.string().nullable().describe('Key of a row in taxes; null if the line is in no sum.'),
    agency_id: agencyId.optional().describe('The line belongs under the heading of that one of `agencies`.'),
  })
  .describe('A line of a receipt, as it is printed.')

const tax = z.strictObject({
  key: z.string().describe('The `tax_key` of the lines in this row.'),
  label: z.string().describe("In the receipt's language."),
  rate: z.string().describe('"0.19" for 19 %.'),
  note: z.string().nullable().describe('Why there is no tax, as the law requires on the receipt.'),
  net: moneySum.describe('Without the tax.'),
  tax: moneySum.describe('The tax in `gross`: gross × rate ÷ (1 + rate), rounded once for each rate of the receipt.'),
  gross: moneySum.describe('With the tax.'),
})

const agency = z.strictObject({
  id: agencyId.describe('The `agency_id` of its lines.'),
  ...receiptText.shape,
  address: z.array(z.string()).describe('Its address, line by line.'),
  identifiers: z.array(receiptText).describe('Its tax numbers.'),
  taxes: z.array(tax.pick({ key: true, label: true, gross: true })).describe('Gross of its lines, by tax.'),
})

const payment = z.strictObject({
  ...receiptAmount.shape,
  method: z.string().describe('Payment method, as in the operation.'),
  foreign: z
    .strictObject({
      currency: z.string().describe('Currency of the cash.'),
      amount: z.string().describe('Amount in that currency; `value` is its value in euro.'),
      exchange_rate: z.string().optional().describe('Euro for one unit, if the till sent it.'),
    })
    .optional()
    .describe('Foreign cash.'),
  status: z.string().describe('Status of the payment, as in the operation.'),
  change: z.boolean().describe('Cash given back on cash that was handed over.'),
})

export const receipt = z
  .strictObject({
    operation_id: z.string().describe('Id of the operation, closing or opening of the drawer.'),
    status: z.enum(['completed', 'voided']).describe('A voided operation has a receipt if the law signs it.'),
    language: language.describe('Language of the labels.'),
    copy: z.boolean().describe('True if it is marked as a copy.'),
    title: z.string().describe('Its heading.'),
    currency,
    issued_at: timestamp.describe('When it was issued.'),
    merchant: z
      .strictObject({
        name: z.string().describe('Name of the company.'),
        address: z.array(z.string()).describe('Address of the company, line by line.'),
        identifiers: z.array(receiptText).describe('Tax numbers.'),
        location: z
          .strictObject({
            name: z.string().describe('Name of the shop.'),
            address: z.array(z.string()).describe("Empty if it is the merchant's."),
          })
          .nullable()
          .describe('The shop; null for an operation without a register.'),
      })
      .describe('Who sold, as of then.'),
    header: z.array(receiptText).describe('Texts above the lines, such as number, register and time.'),
    lines: z.array(receiptLine).describe('Goods, discounts and movements, in their order.'),
    agencies: z
      .array(agency)
      .optional()
      .describe(
        'Principals in whose name lines were sold: each a heading (`label`, its name as `value`) above its lines, and their gross below. Absent without any.',
      ),
    total: receiptAmount.describe('Sum of the lines with a `tax_key`.'),
    offsets: z
      .array(receiptLine)
      .describe(
        'Redeemed (negative) and issued instead of money (positive), then what is on account (negative; of a return positive); of a void the other way round.',
      ),
    payable: receiptAmount.describe('`total` and `offsets`: the sum of the payments.'),
    taxes: z.array(tax).describe('One row a rate.'),
    payments: z.array(payment).describe('How it was paid.'),
    fiscal: z.array(receiptText).describe('Texts of the law, such as signature, counter and serial number.'),
    qr: z.string().nullable().describe('Text of the QR code to print; null on a receipt without a code.'),
    ocr: z.string().optional().describe('The code of the law in the form for OCR-A, if the law has one (RKSV § 11).'),
    notices: z.array(z.string()).describe('Sentences to print, such as the words of an outage.'),
  })
  .describe(
    'Every field that a law requires on a receipt, in its order, with its label. Amounts are decimal strings; the lines with a `tax_key` add up to `total`, `total` and `offsets` to `payable`, the payments and the gross of the taxes too.',
  )
export type ReceiptModel = z.output<typeof receipt>

/** Media type of each format of a receipt, the first for a client that accepts any. */
export const RECEIPT_MEDIA_TYPES = {
  json: 'application/json',
  pdf: 'application/pdf',
  html: 'text/html',
  text: 'text/plain',
  png: 'image/png',
  escpos: 'application/vnd.escpos',
} as const
export type ReceiptFormat = keyof typeof RECEIPT_MEDIA_TYPES
/** A form that is bytes or a text. */
export type ReceiptForm = Exclude<ReceiptFormat, 'json'>
export const RECEIPT_FORMATS = Object.keys(RECEIPT_MEDIA_TYPES) as readonly ReceiptFormat[]

export const RECEIPT_PAPERS = ['a4', '80mm'] as const
export type ReceiptPaper = (typeof RECEIPT_PAPERS)[number]

const receiptMembers = {
  language: language
    .optional()
    .describe('Language of the labels. By default that of `Accept-Language`, otherwise that of the law.')
    .meta({ example: 'de' }),
  copy: z.enum(['true', 'false']).optional().describe('`true` marks the receipt as a copy.').meta({ example: 'false' }),
  paper: z.enum(RECEIPT_PAPERS).optional().describe('Paper of a PDF; 80mm by default.').meta({ example: '80mm' }),
  columns: z
    .enum(['32', '42', '48'])
    .optional()
    .describe('Characters of a line in text and ESC/POS; 42 by default.')
    .meta({ example: '42' }),
  code: z
    .enum(['qr', 'ocr'])
    .optional()
    .describe('The code of the law as a picture, or as text for OCR (RKSV).')
    .meta({ example: 'qr' }),
}

/** Each form accepts all of them, so that a till may send the same query for every form. */
export const receiptBytesQuery = z.strictObject(receiptMembers)
export type ReceiptQuery = z.output<typeof receiptBytesQuery>

/** For the path without a form; `format` takes precedence over the Accept header. */
export const receiptQuery = z.strictObject({ format: z.enum(RECEIPT_FORMATS).optional(), ...receiptMembers })

const OF_ALL = { language: true, copy: true } as const
/** The documented members: those that change the JSON. */
export const receiptJsonQuery = receiptBytesQuery.pick(OF_ALL)

/** The documented members: those that change that form. */
export function receiptFormQuery(form: ReceiptForm): z.ZodType {
  switch (form) {
    case 'pdf':
      return receiptBytesQuery.pick({ ...OF_ALL, paper: true, code: true })
    case 'html':
    case 'png':
      return receiptBytesQuery.pick({ ...OF_ALL, code: true })
    case 'text':
    case 'escpos':
      return receiptBytesQuery.pick({ ...OF_ALL, columns: true, code: true })
  }
}
