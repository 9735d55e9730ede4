import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'

const derive = crypto.scryptSync
const derived = new Map<string, Buffer>()

/**
 * A key under a passphrase takes a tenth of a second of CPU time, as it must. The files that are imported beside this one
 * derive each key once in a process: the same inputs have the same key.
 */
crypto.scryptSync = (passphrase, salt, bytes, cost) => {
  const inputs = JSON.stringify([passphrase, Buffer.from(salt as Uint8Array).toString('hex'), bytes, cost])
  const key = derived.get(inputs) ?? derive(passphrase, salt, bytes, cost)
  derived.set(inputs, key)
  return Buffer.from(key)
}
syncBuiltinESMExports()
