import type { KeyObject } from 'node:crypto'
import { createCipheriv } from 'node:crypto'
import { sha256 } from '../../../base/sha256.ts'
import { AustrianRefusal } from './refusal.ts'

/** Field 10 of a training and of a void receipt: BASE64 of `TRA` and `STO`. */
export const TRAINING_MARK = 'VFJB'
export const VOID_MARK = 'U1RP'

/** Bytes of the encrypted counter; the law requires at least 5 (RKSV Anlage Z 8). */
const COUNTER_BYTES = 8
const COUNTER_MAX = 2n ** 63n - 1n

/**
 * Field 10: the counter in cent, two's complement, big-endian, under AES-256 in counter mode. The initial vector is the
 * first half of SHA-256 over Kassen-ID and Belegnummer, so a number must never be used twice under one key. Throws
 * `turnover_overflow` instead of wrapping round. `key` has 32 bytes.
 */
export function encryptTurnover(key: KeyObject, cashBoxId: string, number: string, cents: bigint): string {
  if (cents > COUNTER_MAX || cents < -COUNTER_MAX - 1n)
    throw new AustrianRefusal('turnover_overflow', `The turnover counter of ${cashBoxId} does not fit into 8 bytes.`)
  const plain = Buffer.alloc(COUNTER_BYTES)
  plain.writeBigInt64BE(cents)
  return keystreamOver(key, cashBoxId, number, plain).toString('base64')
}

/** The AES key as stored and as entered in FinanzOnline: 44 characters of standard BASE64. */
export function aesKeyText(key: KeyObject): string {
  return key.export().toString('base64')
}

/** Four characters that show a typing error in the key: BASE64 of 3 bytes of SHA-256 over the 44 characters. */
export function aesKeyCheckValue(keyText: string): string {
  return sha256(keyText).subarray(0, 3).toString('base64')
}

function keystreamOver(key: KeyObject, cashBoxId: string, number: string, bytes: Uint8Array): Buffer {
  const vector = sha256(`${cashBoxId}${number}`).subarray(0, 16)
  return createCipheriv('aes-256-ctr', key, vector).update(bytes)
}
