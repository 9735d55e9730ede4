import { createPrivateKey, createPublicKey, createSecretKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'

type Receipt = {
  payload: string
  jws: string
  total: number
  counter: string
  prev: string
  sig: string
  ocr: string
  qr: string
  next_prev: string
}
type Vectors = {
  aes_key: string
  aes_key_check_value: string
  chain_start: { kassen_id: string; sig_voriger_beleg: string }[]
  turnover_counter: {
    kassen_id: string
    belegnummer: string
    value_cents: number
    encrypted: { '5': string; '6': string; '7': string; '8': string }
  }[]
  unit: { serial_field: string; certificate_der_b64: string; ca_der_b64: string; private_scalar_hex: string }
  chain: Receipt[]
  dep: unknown
}

/** Worked by another program and passed by the ministry's checking tool 1.1.1; signatures of RFC 6979. */
export const vectors = JSON.parse(readFileSync(new URL('./vectors.json', import.meta.url), 'utf8')) as Vectors

export const aesKey = createSecretKey(vectors.aes_key, 'base64')
export const certificate = Buffer.from(vectors.unit.certificate_der_b64, 'base64')
export const issuer = Buffer.from(vectors.unit.ca_der_b64, 'base64')
export const goldenUnit = { vda: 'AT1', serial: vectors.unit.serial_field }

/** The private key of the golden certificate. */
export function privateKey() {
  const { x, y } = createPublicKey(
    new X509Certificate(certificate).publicKey.export({ format: 'pem', type: 'spki' }),
  ).export({
    format: 'jwk',
  })
  const d = Buffer.from(vectors.unit.private_scalar_hex, 'hex').toString('base64url')
  return createPrivateKey({ key: { kty: 'EC', crv: 'P-256', x: String(x), y: String(y), d }, format: 'jwk' })
}
