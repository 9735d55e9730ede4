import type { KeyObject } from 'node:crypto'
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The key with which a shop signs: a file of its state directory, made with its first register. */
export class ShopKey {
  readonly file: string

  constructor(stateDirectory: string) {
    this.file = join(stateDirectory, 'ruritania.pem')
  }

  make(): void {
    const { privateKey } = generateKeyPairSync('ed25519')
    writeFileSync(this.file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' })
  }

  /** Throws if the file is missing. */
  get publicKey(): string {
    return createPublicKey(this.#read()).export({ type: 'spki', format: 'der' }).toString('base64')
  }

  /** Throws if the file is missing. */
  sign(payload: string): string {
    return sign(null, Buffer.from(payload), this.#read()).toString('base64')
  }

  #read(): KeyObject {
    return createPrivateKey(readFileSync(this.file))
  }
}

export function isSignedBy(publicKey: string, payload: string, signature: string): boolean {
  const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' })
  return verify(null, Buffer.from(payload), key, Buffer.from(signature, 'base64'))
}
