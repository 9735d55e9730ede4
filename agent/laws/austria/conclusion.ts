import type { DocumentOf, RecordedDocument } from '../../journal/documents/document.ts'
import type { Conclusion, Moment, NewDocument, Outcome } from '../law.ts'
import { decommissioned, notFiscalized } from '../registration.ts'
import { transmission } from '../transmission.ts'
import type { CardAct } from './card-act.ts'
import type { SealedReceipt } from './chain.ts'
import type { ChainState } from './chain-state.ts'
import { FACTS } from './facts.ts'
import { fiscalInformation } from './fiscal-information.ts'
import { isTraining } from './machine-code.ts'
import type { ReceiptKind } from './special-receipts.ts'
import { stateMembers } from './state.ts'

/** The document of a receipt that is not an operation of the shop and was not requested: Startbeleg to Schlussbeleg. */
export function specialDocument(
  act: CardAct,
  receipt: SealedReceipt,
  before: ChainState,
  { at, registerId, merchantId }: Moment,
): NewDocument {
  const { id, kind } = act
  return {
    kind: 'closing.recorded',
    op: id,
    index: { kind: 'closing', merchant: merchantId, register: registerId },
    set: {
      id,
      merchant_id: merchantId,
      register_id: registerId,
      created_at: at,
      ...closingMembers(act, receipt, before),
      ...signedMembers(kind, receipt),
    },
    law: { name: FACTS.name, ...stateMembers({ jws: receipt.jws }) },
    receipt: Number(receipt.code.number),
  }
}

/** Members of a closing whose receipt is made; a Sammelbeleg includes the outage that it ends. */
export function closingMembers(
  { kind, period, back_at: backAt }: CardAct,
  { code }: SealedReceipt,
  { outage }: ChainState,
) {
  return {
    type: kind,
    ...(period !== '' && { period }),
    ...(kind === 'collective' &&
      outage !== undefined && {
        outage: {
          first_number: String(outage.firstNumber),
          last_number: String(outage.lastNumber),
          // Every receipt from first to last carries the marker: the next receipt after them is the Sammelbeleg.
          receipts: outage.lastNumber - outage.firstNumber + 1,
          began_at: outage.firstStamp,
          ended_at: backAt ?? code.stamp,
        },
      }),
    business_date: code.stamp.slice(0, 10),
    document_number: code.number,
    z_numbers: [],
    totals: null,
    ...transmission(isCheckedAtOffice(kind) ? 'pending' : 'not_required'),
  }
}

/** Start- and Jahresbeleg are checked with FinanzOnline (§ 6 Abs. 4, § 8 Abs. 3 RKSV). */
function isCheckedAtOffice(kind: ReceiptKind): boolean {
  return kind === 'start' || kind === 'annual'
}

/** Members of an operation or requested closing whose receipt is made. */
export function signedMembers(kind: ReceiptKind, receipt: SealedReceipt) {
  const words = wordsOf(kind, receipt)
  return {
    fiscal: { state: 'succeeded', ...(words !== '' && { receipt_text: words }) },
    fiscal_information: fiscalInformation(kind, receipt),
  }
}

/**
 * No unit signed a receipt that must be signed: no number is used. A register stays unfiscalized, the rest is refused.
 */
export function concludeUnsigned(
  document: RecordedDocument,
  kind: ReceiptKind,
  outcome: Outcome,
  { at, device }: Moment,
): Conclusion {
  const { code, message } =
    outcome.kind === 'failed' ? outcome : { code: 'unavailable', message: 'No signature unit signed.' }
  if (kind === 'start')
    return {
      set: notFiscalized(startedBy(document).shown, { code, message }, at),
      law: stateMembers({ tried: null }),
      verdict: 'stop',
    }
  const details = { device_id: device, device_code: code }
  const verdict = { code: 'fiscal_device_unavailable' as const, message, details }
  return { law: stateMembers({ tried: null }), verdict }
}

/** The register that a Startbeleg begins. Throws for another document: a defect of the law. */
export function startedBy(document: RecordedDocument): DocumentOf<'register'> {
  if (document.kind === 'register') return document
  throw new TypeError(`a ${document.kind} has no Startbeleg`)
}

/**
 * A register ends in an outage without its Schlussbeleg: the ministry's tool fails one with the marker. Its last receipts
 * follow when a unit signs again.
 */
export function endedInOutage({ at }: Moment): Conclusion {
  return { set: decommissioned(at), law: stateMembers({ tried: null, ending: true }) }
}

/**
 * A receipt over 0,00 that no unit signed is not a Barumsatz and not part of the chain: with the marker, the ministry's
 * tool would take it for a zero receipt that had to be signed.
 */
export function leftOutInOutage(): Conclusion {
  return { set: { fiscal: { state: 'not_required' } }, law: stateMembers({ left_out: true }), isLeftOut: true }
}

/** The text that the receipt must carry (§§ 11, 17 RKSV), one item per line. */
function wordsOf(kind: ReceiptKind, { code, deviceFailed }: SealedReceipt): string {
  const words = [
    ...(isTraining(code) ? ['Trainingsbuchung'] : []),
    ...(kind === 'void' ? ['Stornobuchung'] : []),
    ...(deviceFailed ? [FACTS.outageText] : []),
  ]
  return words.join('\n')
}
