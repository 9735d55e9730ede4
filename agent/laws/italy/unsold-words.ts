import type { TenderedAmount } from '../../journal/books/unsold-acts.ts'
import type { Act } from '../../journal/events.ts'
import type { UnsoldWords } from '../audit-rules.ts'
import type { StoredDocument } from './document-json.ts'
import { FACTS } from './facts.ts'

/** Classes of the printers' payment table that collect nothing (classes.ts). */
const NOT_COLLECTED: readonly number[] = [2, 6, 7, 8]
const DISCOUNT_ON_PAYMENT = 9
/** Cash is rounded to 5 cents by the same class. */
const ROUNDING_MAX = 2n

export const UNSOLD: UnsoldWords = {
  language: 'it',
  title: 'Verifica dei dati del registratore telematico (D.Lgs. 127/2015, art. 2)',
  receipt: ['documento', 'documenti'],
  // Tips and vouchers are on the documents, and in the sums of the printer.
  turnover: (_cart, total) => total,
  certified: 'nessun registratore telematico omologato',
  serial: undefined,
  numbers: 'printed',
  hasSessionZ: false,
  names: {
    cancelled_line: ['riga stornata', 'righe stornate', 'storno riga'],
    abandoned: ['vendita annullata prima della stampa', 'vendite annullate prima della stampa', 'annullata'],
    discount: ['sconto', 'sconti', 'sconto'],
    gift: ['omaggio', 'omaggi', 'omaggio'],
    zero_sale: ['vendita di 0,00 EUR', 'vendite di 0,00 EUR', 'vendita'],
    void: ['annullo', 'annulli', 'annullo'],
    unpaid_void: undefined,
    return: ['reso', 'resi', 'reso'],
    returned_line: ['riga resa in una vendita', 'righe rese in una vendita', 'reso'],
    minus_line: ['riga negativa', 'righe negative', 'vendita'],
    empties: ['documento con vuoti resi', 'documenti con vuoti resi', 'reso vuoti'],
    order_cancelled: undefined,
    billed_less: undefined,
    staff_ordered: undefined,
    transfer_ordered: undefined,
    staff: undefined,
    transfer: undefined,
    training: ['prova', 'prove', 'prova'],
    voucher: ['buono usato e non venduto qui', 'buoni usati e non venduti qui', 'buono'],
    agency: undefined,
    elsewhere: undefined,
    discount_on_payment: ['sconto a pagare', 'sconti a pagare', 'sconto a pagare'],
    not_collected: ['non riscosso', 'non riscosso', 'non riscosso'],
    drawer: ['cassetto aperto senza vendita', 'cassetto aperto senza vendita', 'cassetto'],
    entry: ['registrazione di emergenza', 'registrazioni di emergenza', 'registro di emergenza'],
    undocumented: [
      'operazione senza documento commerciale',
      'operazioni senza documento commerciale',
      'senza documento',
    ],
  },
  unproven: {
    emergencies: {
      none: 'Registri di emergenza: nessuno.',
      some: 'Registro di emergenza di {device} ({serial}), dal {from} {until}, motivo: {reason}: {acts}, {sum} EUR{beside}.',
      open: 'ancora aperto',
      until: 'al {time}',
      beside: ', con un altro RT in funzione (--with-other-rt)',
    },
    unsigned: undefined,
    undocumented: {
      none: 'Vendite senza documento commerciale: 0 operazioni, 0,00 EUR.',
      some: 'Vendite senza documento commerciale: {acts}, {sum} EUR, solo in questo registro e nelle fatture.',
    },
    foreignCash: undefined,
    unread: {
      none: 'Documenti che la stampante non ha mostrato: nessuno.',
      some: 'Documento {document} della stampante {serial}: questo registro non lo contiene, la stampante non ne ha mostrato il contenuto. Controllare la carta{more}. (rt_document_unread)',
    },
  },
  outside: ({ regime, document_type: type, documents, emergency }) => {
    if (regime !== FACTS.name) return undefined
    const id = (emergency as { readonly id?: unknown } | undefined)?.id
    if (typeof id === 'string') return { kind: 'entry', emergency: id }
    return type === 'non_fiscal' && documents === undefined ? { kind: 'undocumented' } : undefined
  },
  elsewhere: 'Pagamenti elettronici per POS e stampante: pos_sheet (fiskal-edge export pos_sheet).',
  tendered,
}

function tendered({ name, document }: Act): readonly TenderedAmount[] {
  if (name !== 'print') return []
  const { kind, payments = [] } = document as { kind?: string; payments?: readonly Tender[] }
  if (kind !== 'sale') return []
  return payments.flatMap(({ tender, amount_cents }): TenderedAmount[] => {
    const cents = BigInt(amount_cents)
    if (tender === DISCOUNT_ON_PAYMENT) return cents > ROUNDING_MAX ? [{ kind: 'discount_on_payment', cents }] : []
    return NOT_COLLECTED.includes(tender) ? [{ kind: 'not_collected', cents }] : []
  })
}

type Tender = Extract<StoredDocument, { kind: 'sale' }>['payments'][number]
