import type { Members } from '../../journal/events.ts'
import type { Conclusion, Moment, NewDocument, Outcome } from '../regime.ts'
import type { SealedReceipt } from './chain.ts'
import type { ChainState } from './chain-state.ts'
import { fiscalInformation } from './fiscal-information.ts'
import { marker } from './jws.ts'
import { isTraining } from './machine-code.ts'
import type { ReceiptKind } from './special-receipts.ts'

/**
 * The document of a receipt that is no operation of the shop: Startbeleg to Schlussbeleg. `$jws` is the receipt in the
 * Datenerfassungsprotokoll; a Sammelbeleg tells the outage that it ends.
 */
export function specialDocument(
  id: string,
  { kind, period }: { kind: ReceiptKind; period: string },
  receipt: SealedReceipt,
  before: ChainState,
  { at, registerId }: Moment,
): NewDocument {
  const { outage } = before
  return {
    kind: `closing.${kind}`,
    op: id,
    set: {
      id,
      register_id: registerId,
      type: kind,
      ...(period !== '' && { period }),
      ...(kind === 'collective' &&
        outage !== undefined && {
          outage: {
            first_number: String(outage.firstNumber),
            last_number: String(outage.lastNumber),
            began_at: outage.firstStamp,
            ended_at: outage.lastStamp,
          },
        }),
      document_number: receipt.code.number,
      created_at: at,
      fiscal: { state: 'succeeded' },
      fiscal_information: fiscalInformation(kind, receipt),
      $jws: receipt.jws,
    },
    receipt: Number(receipt.code.number),
  }
}

/** Members of an operation or requested closing whose receipt is made. */
export function signedMembers(kind: ReceiptKind, receipt: SealedReceipt): Members {
  const words = wordsOf(kind, receipt)
  return {
    $jws: receipt.jws,
    fiscal: { state: 'succeeded', ...(words !== '' && { receipt_text: words }) },
    fiscal_information: fiscalInformation(kind, receipt),
  }
}

/** Members of a register with its Start- or Schlussbeleg. */
export function registerMembers(register: Members, kind: 'start' | 'final', serial: string, at: string): Members {
  if (kind === 'final')
    return {
      fiscalization_status: 'decommissioned',
      status: 'inactive',
      decommissionedAt: at,
      updated_at: at,
    }
  return {
    fiscalization_status: 'fiscalized',
    fiscalizedAt: at,
    fiscalization: { ...(register['fiscalization'] as Members), fiscalized_at: at, tse_serial: serial },
    updated_at: at,
  }
}

/** No unit signed what may not go out without: nothing was numbered. A register stays unfiscalized, all else is refused. */
export function unsigned(kind: ReceiptKind, outcome: Outcome, { at, device }: Moment): Conclusion {
  const { code, message } =
    outcome.kind === 'failed' ? outcome : { code: 'unavailable', message: 'No signature unit signed.' }
  if (kind === 'start') {
    const error = { code, message, occurred_at: at }
    return { set: { $given_up: true, $tried: null, fiscalization_status: 'failed', $error: error, updated_at: at } }
  }
  const details = { device_id: device, device_code: code }
  return { set: { $tried: null }, refusal: { code: 'fiscal_device_unavailable', message, details } }
}

/** Words that the receipt must carry (§§ 11, 17 RKSV), one a line. */
function wordsOf(kind: ReceiptKind, { code, deviceFailed }: SealedReceipt): string {
  const words = [
    ...(isTraining(code) ? ['Trainingsbuchung'] : []),
    ...(kind === 'void' ? ['Stornobuchung'] : []),
    ...(deviceFailed ? [marker.toString('utf8')] : []),
  ]
  return words.join('\n')
}
