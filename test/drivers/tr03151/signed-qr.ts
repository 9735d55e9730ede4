import { generateKeyPairSync, sign } from 'node:crypto'
import { pointOfSpki, serialOfPoint } from '../../../drivers/tr03151/ecdsa.ts'
import { transactionPart } from '../../../drivers/tr03151/log-message.ts'
import type { LogTimeFormat } from '../../../drivers/tr03151/log-time.ts'
import type { QrFields } from '../../../drivers/tr03151/qr.ts'

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
export const { point } = pointOfSpki(publicKey.export({ type: 'spki', format: 'der' }))

/** The fields of a code, signed as a TSE signs them. */
export function signed(change: Partial<QrFields>, signedFormat?: LogTimeFormat, version: 2 | 3 = 2): QrFields {
  const fields: QrFields = {
    clientId: 'till-1',
    processType: 'Kassenbeleg-V1',
    processData: 'Beleg^7.00_0.00_0.00_0.00_0.00^7.00:Bar',
    transaction: 7,
    signatureCounter: 15,
    startMs: Date.UTC(2026, 7, 1, 10, 0, 1),
    finishMs: Date.UTC(2026, 7, 1, 10, 0, 9),
    algorithm: 'ecdsa-plain-SHA256',
    timeFormat: 'unixTime',
    signature: new Uint8Array(),
    publicKey: point,
    ...change,
  }
  const part = transactionPart({
    ...fields,
    version,
    operation: 'Finish',
    processData: Buffer.from(fields.processData),
    serial: serialOfPoint(point),
    counter: fields.signatureCounter,
    timeFormat: signedFormat ?? fields.timeFormat,
    timeMs: fields.finishMs,
  })
  return { ...fields, signature: sign('sha256', part, { key: privateKey, dsaEncoding: 'ieee-p1363' }) }
}
