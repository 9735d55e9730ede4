import { createCipheriv, createDecipheriv, scryptSync } from 'node:crypto'
import { CodedError } from '../../base/thrown.ts'
import { RefillError } from '../journal/refill.ts'

/** The wrapped key of a backup's secrets: under a passphrase (scrypt, RFC 7914). Binary members are base64. */
export type Wrapping = { kdf: 'scrypt'; n: number; r: number; p: number; salt: string; key: string }

/** Seals the pieces of secret files; a piece does not open at another place. */
export type Vault = {
  readonly wrapping: Wrapping
  readonly key: Uint8Array
  seal(place: string, data: Uint8Array): string
  /** Throws RefillError `backup_damaged` if the piece was changed. */
  unseal(place: string, text: string): Buffer
}

const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
const COST = { n: 32_768, r: 8, p: 1 }
/** The most that a backup may demand before its passphrase is tried: at most four times the cost above. */
const COST_MOST = { n: 131_072, r: 8, p: 4 }
const N_LEAST = 16_384
/** 128 × n × r bytes (RFC 7914 §2), and what OpenSSL needs in addition. */
const MEMORY_BYTES = 128 * COST_MOST.n * COST_MOST.r + 16_777_216
const KEY_PLACE = 'key'

export function makeVault(passphrase: string, random: (length: number) => Uint8Array): Vault {
  const salt = random(16)
  const key = random(KEY_BYTES)
  const wrapping: Wrapping = {
    kdf: 'scrypt',
    ...COST,
    salt: Buffer.from(salt).toString('base64'),
    key: sealUnder(derive(passphrase, salt, COST), KEY_PLACE, key, random),
  }
  return vaultOf(key, wrapping, random)
}

/** Throws `passphrase_wrong`, RefillError `backup_cost_refused`. */
export function openVault(passphrase: string, wrapping: Wrapping): Vault {
  demandCost(wrapping)
  let key: Buffer
  try {
    key = unsealUnder(derive(passphrase, Buffer.from(wrapping.salt, 'base64'), wrapping), KEY_PLACE, wrapping.key)
  } catch {
    throw new CodedError('passphrase_wrong', 'The passphrase does not open the secrets of this backup.')
  }
  return vaultOf(key, wrapping, () => {
    throw new Error('an opened vault seals nothing')
  })
}

function vaultOf(key: Uint8Array, wrapping: Wrapping, random: (length: number) => Uint8Array): Vault {
  return {
    wrapping,
    key,
    seal: (place, data) => sealUnder(key, place, data, random),
    unseal: (place, text) => {
      try {
        return unsealUnder(key, place, text)
      } catch {
        throw new RefillError(
          'backup_damaged',
          `The backup was changed: ${place} does not open. Take the one before it.`,
        )
      }
    },
  }
}

/** A foreign file may name a cost that keeps the machine busy for hours. */
function demandCost({ kdf, n, r, p }: Wrapping): void {
  const isSupportedKdf = kdf === 'scrypt' && r === COST_MOST.r && Number.isSafeInteger(p) && p >= 1 && p <= COST_MOST.p
  if (isSupportedKdf && Number.isInteger(Math.log2(n)) && n >= N_LEAST && n <= COST_MOST.n) return
  throw new RefillError(
    'backup_cost_refused',
    `The backup asks for scrypt n=${n}, r=${r}, p=${p}, which this program never writes. Take another backup.`,
  )
}

function derive(passphrase: string, salt: Uint8Array, { n, r, p }: { n: number; r: number; p: number }): Buffer {
  return scryptSync(passphrase.normalize('NFC'), salt, KEY_BYTES, { N: n, r, p, maxmem: MEMORY_BYTES })
}

/** nonce ‖ tag ‖ AES-256-GCM of the data, with the place as associated data. */
function sealUnder(key: Uint8Array, place: string, data: Uint8Array, random: (length: number) => Uint8Array): string {
  const nonce = random(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(place))
  const sealed = Buffer.concat([cipher.update(data), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64')
}

function unsealUnder(key: Uint8Array, place: string, text: string): Buffer {
  const bytes = Buffer.from(text, 'base64')
  const tagEnd = NONCE_BYTES + TAG_BYTES
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
  decipher.setAAD(Buffer.from(place)).setAuthTag(bytes.subarray(NONCE_BYTES, tagEnd))
  return Buffer.concat([decipher.update(bytes.subarray(tagEnd)), decipher.final()])
}
