import type { SealedReceipt } from './chain.ts'
import type { ReceiptKind } from './special-receipts.ts'

/** `fiscal_information` of a receipt: what a till must print (§ 11 RKSV). */
export function fiscalInformation(kind: ReceiptKind, { code, qr, ocr, deviceFailed }: SealedReceipt) {
  return {
    regime: 'RKSV',
    receipt_number: code.number,
    document_number: code.number,
    document_type: kind,
    cash_box_id: code.cashBoxId,
    encrypted_turnover: code.counter,
    previous_receipt_hash: code.previous,
    certificate_serial: code.serial,
    signature: qr.slice(qr.lastIndexOf('_') + 1),
    machine_code: qr,
    qr_data: qr,
    ocr_code: ocr,
    security_device_failed: deviceFailed,
  }
}
