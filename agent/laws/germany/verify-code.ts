import { UNCERTIFIED } from '../../../drivers/tr03151/certificate.ts'
import { verifyQr } from '../../../drivers/tr03151/qr.ts'
import type { CheckedCode } from '../verify-rules.ts'

const NOT_SHOWN = 'whether its TSE is certified the code cannot show'

/** The QR text of one receipt. */
export function checkCode(code: string): CheckedCode {
  const { valid, fields, serial = '', uncertified, findings } = verifyQr(code)
  if (fields === undefined)
    return { isWhole: false, valid, summary: 'no QR text of a German receipt', findings, uncertified: [] }
  const { clientId, transaction, signatureCounter, processData } = fields
  const unit = uncertified ? UNCERTIFIED : NOT_SHOWN
  const summary = `QR code, client ${clientId}, transaction ${transaction}, counter ${signatureCounter}, ${processData}, ${unit}`
  return { isWhole: valid, valid, summary, findings, uncertified: uncertified ? [serial] : [] }
}
