import type { ReceiptForm } from './receipt.ts'
import { RECEIPT_MEDIA_TYPES, receiptFormQuery } from './receipt.ts'
import type { Route } from './route.ts'

/** How a path names a form of a receipt, its name for people, and what it is for. */
const FORMS = {
  pdf: { extension: 'pdf', name: 'PDF', use: 'A page of 80 mm or A4, to be printed or sent.' },
  html: { extension: 'html', name: 'HTML', use: 'A page without scripts, for a screen.' },
  text: { extension: 'txt', name: 'text', use: 'Lines of a fixed width, for a screen or a simple printer.' },
  png: { extension: 'png', name: 'picture', use: 'For a screen, or a printer that does not know the letters.' },
  escpos: {
    extension: 'escpos',
    name: 'ESC/POS',
    use: 'The bytes of a receipt printer: send it all of them unchanged.',
  },
} as const satisfies Record<ReceiptForm, { extension: string; name: string; use: string }>

type Suffix = Capitalize<(typeof FORMS)[ReceiptForm]['extension']>

/** One entry for each form of a receipt that is bytes, by the id of its route: `operationsReceiptPdf` and so on. */
export function byForm<Owner extends string, Entry>(
  owner: Owner,
  make: (form: ReceiptForm) => Entry,
): Record<`${Owner}Receipt${Suffix}`, Entry> {
  const entries = formsOf().map((form) => [`${owner}Receipt${suffixOf(form)}`, make(form)])
  return Object.fromEntries(entries)
}

function formsOf(): readonly ReceiptForm[] {
  return Object.keys(RECEIPT_MEDIA_TYPES).filter((format): format is ReceiptForm => format !== 'json')
}

function suffixOf(form: ReceiptForm): string {
  const { extension } = FORMS[form]
  return `${extension.charAt(0).toUpperCase()}${extension.slice(1)}`
}

function routeOf(
  form: ReceiptForm,
  { collection, tag, of }: { collection: string; tag: Route['tag']; of: string },
): Route {
  const { extension, name, use } = FORMS[form]
  return {
    methods: ['get'],
    path: `/v1/${collection}/{id}/receipt.${extension}`,
    operationId: `${tag}Controller_receipt${suffixOf(form)}`,
    tag,
    summary: `Fetch the receipt of ${of} as ${name}`,
    description: use,
    auth: 'any',
    query: receiptFormQuery(form),
    success: { status: 200, description: 'The receipt', otherMediaTypes: [RECEIPT_MEDIA_TYPES[form]] },
    errors: ['operation_invalid_state'],
  }
}

/** Receipts as bytes: one media type each, so that a generated client returns bytes or a text and never guesses. */
export const receiptRoutes = {
  ...byForm('operations', (form) => routeOf(form, { collection: 'operations', tag: 'Operations', of: 'an operation' })),
  ...byForm('closings', (form) => routeOf(form, { collection: 'closings', tag: 'Closings', of: 'a closing' })),
}
