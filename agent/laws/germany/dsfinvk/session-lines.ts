import { centsMoved } from '../../../../base/money.ts'
import type { ForeignSums } from '../../../contract/foreign-cash.ts'
import type { MovementType } from '../../../contract/session-event.ts'
import { bookedByCount, correctedCents } from '../../../journal/documents/cash-count.ts'
import type { DocumentOf } from '../../../journal/documents/document.ts'
import { byCurrency } from '../../../register/foreign-sums.ts'
import type { BonDocument } from '../bon-document.ts'
import { isBlank } from '../written-text.ts'
import type { BonLine, BusinessCase } from './bon.ts'
import { decimalComma } from './csv.ts'
import { untaxed } from './goods-lines.ts'

/** Business case and German name of a cash movement. */
export const MOVEMENTS: Readonly<Record<MovementType, readonly [BusinessCase, string]>> = {
  safe_drop: ['Geldtransit', 'Abschöpfung Tresor'],
  float_in: ['Geldtransit', 'Wechselgeld'],
  bank_deposit: ['Geldtransit', 'Bankeinzahlung'],
  transfer: ['Geldtransit', 'Geldtransit'],
  owner_withdrawal: ['Privatentnahme', 'Privatentnahme'],
  owner_deposit: ['Privateinlage', 'Privateinlage'],
  pay_in: ['Einzahlung', 'Einzahlung'],
  pay_out: ['Auszahlung', 'Auszahlung'],
  wage: ['Lohnzahlung', 'Lohnzahlung'],
  tip_payout: ['TrinkgeldAN', 'Auszahlung Trinkgeld'],
  correction: ['DifferenzSollIst', 'Korrektur'],
}

/** The journal may come from anyone: a type that this program does not know is a transfer. */
export function movementOf(type: unknown): MovementType {
  return typeof type === 'string' && Object.hasOwn(MOVEMENTS, type) ? (type as MovementType) : 'transfer'
}

type CashMoved = { lines: BonLine[]; cents: bigint; foreign?: ForeignSums | undefined }

/**
 * Lines and cash of a session event; undefined for other documents. `leftCents` is the balance that the previous
 * session left in the drawer: a difference was moved from or to the safe.
 */
export function sessionLines(document: BonDocument, leftCents: bigint | undefined): CashMoved | undefined {
  switch (document.kind) {
    case 'session_open':
      return opening(centsMoved(document.shown.opening_balance_amount), leftCents)
    case 'session_cash_adjustment': {
      const cents = centsMoved(document.shown.cash_amount)
      const [businessCase, name] = MOVEMENTS[movementOf(document.shown.movement_type)]
      return { lines: [cashLine(businessCase, seen(document.shown.note) ?? name, cents)], cents }
    }
    case 'session_cash_count': {
      const counted = decimalComma(centsMoved(document.shown.counted_closing_amount), 2)
      const before = correctedCents(document)
      const text =
        before === undefined
          ? `Kassensturz: gezählt ${counted}, Soll ${decimalComma(centsMoved(document.shown.expected_closing_amount), 2)}`
          : `Kassensturz berichtigt: gezählt ${counted} statt ${decimalComma(before, 2)}`
      const cents = bookedByCount(document)
      const { foreign } = document.own
      return { lines: [cashLine('DifferenzSollIst', text, cents), ...foreignDifferences(document)], cents, foreign }
    }
    case 'session_close': {
      const cents = centsMoved(document.shown.closing_adjustment_amount)
      const name = cents < 0n ? 'Entnahme bei Sitzungsende' : 'Einlage bei Sitzungsende'
      const { foreign } = document.own
      const adjustment = cashLine('Geldtransit', seen(document.shown.closing_adjustment_note) ?? name, cents)
      if (foreign === undefined) return { lines: [adjustment], cents }
      const sorts = byCurrency(foreign).map(([currency, { base }]) =>
        cashLine('Geldtransit', `Sorten ${currency}`, BigInt(base)),
      )
      return { lines: cents === 0n ? sorts : [adjustment, ...sorts], cents, foreign }
    }
    default:
      return undefined
  }
}

/** A difference of foreign cash is a line for each currency; its text has the amounts of the list. */
function foreignDifferences({ shown, own }: DocumentOf<'session_cash_count'>): BonLine[] {
  const { foreign } = own
  if (foreign === undefined) return []
  return byCurrency(foreign).map(([currency, { units, base }]) => {
    const counted = shown.foreign_cash?.find((each) => each.currency === currency)
    const cents = centsMoved(counted?.counted_amount)
    // Nothing is left of the currency, and its rate changed: 20 francs came at 18.60 and went at 19.00.
    if (units === 0 && cents === 0n) return cashLine('DifferenzSollIst', `Kursdifferenz ${currency}`, BigInt(base))
    const before = decimalComma(cents - BigInt(units), 2)
    const text =
      shown.correction_amount === undefined
        ? `Kassensturz ${currency}: gezählt ${decimalComma(cents, 2)}, Soll ${before}`
        : `Kassensturz ${currency} berichtigt: gezählt ${decimalComma(cents, 2)} statt ${before}`
    return cashLine('DifferenzSollIst', text, BigInt(base))
  })
}

/** The float is counted cash: the balance left before, and the movement from or to the safe. */
function opening(cents: bigint, leftCents: bigint | undefined): CashMoved {
  if (leftCents === undefined || leftCents === cents)
    return { lines: [cashLine('Anfangsbestand', 'Anfangsbestand', cents)], cents }
  const moved = cents - leftCents
  const transit = cashLine(
    'Geldtransit',
    moved > 0n ? 'Wechselgeld aus dem Tresor' : 'Wechselgeld in den Tresor',
    moved,
  )
  const lines = leftCents === 0n ? [transit] : [cashLine('Anfangsbestand', 'Anfangsbestand', leftCents), transit]
  return { lines, cents }
}

function cashLine(businessCase: BusinessCase, text: string, cents: bigint): BonLine {
  return { businessCase, text, vat: untaxed(cents) }
}

/** Text with visible characters in the package. */
function seen(text: string | null | undefined): string | undefined {
  return text == null || isBlank(text) ? undefined : text
}
