import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../../../base/clock.ts'

const LIFE_MS = 3_600_000

/** The query of a signed link. */
export type SignedLink = { signature: string; expires: string }

/** Signed links to the files of exports: they need no key and expire. */
export class DownloadLinks {
  readonly #clock: Clock
  readonly #key: Uint8Array

  constructor(clock: Clock, key: Uint8Array) {
    this.#clock = clock
    this.#key = key
  }

  /** Path and query of a new link. */
  linkTo(id: string): string {
    const expires = String(this.#clock.now() + LIFE_MS)
    return `/v1/exports/${id}/file?signature=${this.#signatureOf(id, expires)}&expires=${expires}`
  }

  isValid(id: string, { signature, expires }: SignedLink): boolean {
    const isOurs = timingSafeEqual(this.#mac(signature), this.#mac(this.#signatureOf(id, expires)))
    return isOurs && Number(expires) > this.#clock.now()
  }

  #signatureOf(id: string, expires: string): string {
    return this.#mac(`${id}\n${expires}`).toString('base64url')
  }

  #mac(text: string): Buffer {
    return createHmac('sha256', this.#key).update(text).digest()
  }
}
