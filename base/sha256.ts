import { hash } from 'node:crypto'

/** SHA-256. Asked as text and made bytes here: a buffer of Node's own making takes twice the time of the hash itself. */
export function sha256(input: string | Uint8Array): Buffer {
  return Buffer.from(hash('sha256', input, 'binary'), 'binary')
}
