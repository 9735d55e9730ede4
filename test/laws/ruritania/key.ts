import type { KeyObject } from 'node:crypto'
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { makeFile } from '../../../base/durable-file.ts'
import { KEY } from './facts.ts'

/** The key with which a shop signs: a file among those of devices, which a backup contains; made with its first register. */
export class ShopKey {
  readonly file: string

  constructor(stateDirectory: string) {
    this.file = join(stateDirectory, 'devices', KEY, 'key.pem')
  }

  make(): void {
    const { privateKey } = generateKeyPairSync('ed25519')
    mkdirSync(dirname(this.file), { recursive: true, mode: 0o700 })
    makeFile(this.file, Buffer.from(privateKey.export({ type: 'pkcs8', format: 'pem' })))
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
