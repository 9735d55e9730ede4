import type { KeyObject } from 'node:crypto'
import { hash, randomBytes } from 'node:crypto'
import { verifyPlainAside } from '../../drivers/tr03151/ecdsa.ts'

const FIRST_PLACES = 1 << 12
/** 32 MB; later signatures are verified each time. */
const PLACES_MAX = 1 << 22
const LENGTH_BYTES = 4

/**
 * The right signatures that one run has found, so that a log in an archive and its bon in a package are verified once. It
 * keeps 64 bits of each, over a salt that no file can know, in memory alone: a file cannot be made to meet one of them.
 */
export class RightSignatures {
  readonly #salt = randomBytes(32)
  readonly #keys = new WeakMap<KeyObject, Buffer>()
  /** Open addressing; 0 is a free place. */
  #places = new BigUint64Array(FIRST_PLACES)
  #count = 0

  /** Identifies a signature with its message and key. */
  markOf(algorithm: string, key: KeyObject, message: Uint8Array, signature: Uint8Array): bigint {
    const parts = [this.#keyOf(key), Buffer.from(algorithm), message, signature]
    const sized = parts.flatMap((part) => [lengthOf(part), part])
    const digest = hash('sha256', Buffer.concat([this.#salt, ...sized]), 'buffer')
    return digest.readBigUInt64LE() || 1n
  }

  has(mark: bigint): boolean {
    return this.#places[this.#placeOf(this.#places, mark)] === mark
  }

  add(mark: bigint): void {
    if (2 * this.#count >= this.#places.length && !this.#grow()) return
    const place = this.#placeOf(this.#places, mark)
    if (this.#places[place] !== mark) this.#count++
    this.#places[place] = mark
  }

  /** As `verifyPlainAside`, without a signature that was found right before. */
  async verifyAside(key: KeyObject, algorithm: string, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
    const mark = this.markOf(algorithm, key, message, signature)
    if (this.has(mark)) return true
    const isRight = await verifyPlainAside(key, algorithm, message, signature)
    if (isRight) this.add(mark)
    return isRight
  }

  #keyOf(key: KeyObject): Buffer {
    const known = this.#keys.get(key)
    if (known !== undefined) return known
    const bytes = key.export({ format: 'der', type: 'spki' })
    this.#keys.set(key, bytes)
    return bytes
  }

  #grow(): boolean {
    if (this.#places.length >= PLACES_MAX) return false
    const places = new BigUint64Array(2 * this.#places.length)
    for (const mark of this.#places) if (mark !== 0n) places[this.#placeOf(places, mark)] = mark
    this.#places = places
    return true
  }

  /** The place of the mark, or a free one. */
  #placeOf(places: BigUint64Array, mark: bigint): number {
    let place = Number(BigInt.asUintN(32, mark)) % places.length
    while (places[place] !== mark && places[place] !== 0n) place = (place + 1) % places.length
    return place
  }
}

function lengthOf({ length }: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(LENGTH_BYTES)
  bytes.writeUInt32BE(length)
  return bytes
}
