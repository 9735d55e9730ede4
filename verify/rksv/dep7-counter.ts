import type { KeyObject } from 'node:crypto'
import { createCipheriv, createHash } from 'node:crypto'
import type { CheckedReceipt } from './dep7-receipt.ts'

/**
 * Decrypts the turnover counter (in cents) of a receipt; undefined if its field does not have 5 to 16 bytes. The writer uses
 * AES in counter mode; this check makes the one key stream block with the plain block cipher, so the two share no code.
 */
export function counterIn(
  receipt: Pick<CheckedReceipt, 'counter' | 'cashBoxId' | 'number'>,
  key: KeyObject,
): bigint | undefined {
  const hidden = Buffer.from(receipt.counter, 'base64')
  if (hidden.length < 5 || hidden.length > 16) return undefined
  const vector = createHash('sha256').update(`${receipt.cashBoxId}${receipt.number}`, 'utf8').digest().subarray(0, 16)
  const stream = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false).update(vector)
  let value = 0n
  for (const [index, byte] of hidden.entries()) value = (value << 8n) | BigInt(byte ^ (stream[index] ?? 0))
  return BigInt.asIntN(8 * hidden.length, value)
}
