import { hash } from 'node:crypto'

/** SHA-256. Requested as text and decoded here: a buffer made by Node takes twice the time of the hash itself. */
export function sha256(input: string | Uint8Array): Buffer {
  return Buffer.from(hash('sha256', input, 'binary'), 'binary')
}
