import { MalformedError } from './malformed.ts'

/** ECDSA with a plain r‖s signature. `oid` is the content of the OBJECT IDENTIFIER in hex; `hash` is OpenSSL's name. */
export type SignatureAlgorithm = { name: string; oid: string; hash: string }

export type CurveName = 'P-256' | 'P-384' | 'P-521' | 'brainpoolP256r1' | 'brainpoolP384r1' | 'brainpoolP512r1'

/** `size` is the length of one coordinate in bytes; `algorithm` is the one whose hash matches the curve. */
export type Curve = { name: CurveName; namedCurve: string; oid: string; size: number; algorithm: string }

const PLAIN_OID = '04007f000701010401'

/** TR-03111 §5.2.1, in the selection of TR-03116-5. */
const algorithms: readonly SignatureAlgorithm[] = [
  { name: 'ecdsa-plain-SHA224', oid: `${PLAIN_OID}02`, hash: 'sha224' },
  { name: 'ecdsa-plain-SHA256', oid: `${PLAIN_OID}03`, hash: 'sha256' },
  { name: 'ecdsa-plain-SHA384', oid: `${PLAIN_OID}04`, hash: 'sha384' },
  { name: 'ecdsa-plain-SHA512', oid: `${PLAIN_OID}05`, hash: 'sha512' },
  { name: 'ecdsa-plain-SHA3-224', oid: `${PLAIN_OID}08`, hash: 'sha3-224' },
  { name: 'ecdsa-plain-SHA3-256', oid: `${PLAIN_OID}09`, hash: 'sha3-256' },
  { name: 'ecdsa-plain-SHA3-384', oid: `${PLAIN_OID}0a`, hash: 'sha3-384' },
  { name: 'ecdsa-plain-SHA3-512', oid: `${PLAIN_OID}0b`, hash: 'sha3-512' },
]

export const curves: readonly Curve[] = [
  curve('P-256', 'prime256v1', '2a8648ce3d030107', 32, 'ecdsa-plain-SHA256'),
  curve('brainpoolP256r1', 'brainpoolP256r1', '2b2403030208010107', 32, 'ecdsa-plain-SHA256'),
  curve('P-384', 'secp384r1', '2b81040022', 48, 'ecdsa-plain-SHA384'),
  curve('brainpoolP384r1', 'brainpoolP384r1', '2b240303020801010b', 48, 'ecdsa-plain-SHA384'),
  curve('brainpoolP512r1', 'brainpoolP512r1', '2b240303020801010d', 64, 'ecdsa-plain-SHA512'),
  curve('P-521', 'secp521r1', '2b81040023', 66, 'ecdsa-plain-SHA512'),
]

export function algorithmByName(name: string): SignatureAlgorithm {
  const match = algorithms.find((algorithm) => algorithm.name.toLowerCase() === name.toLowerCase())
  if (!match) throw new MalformedError(`signature algorithm "${name}" is not one of ${listOf(algorithms)}`)
  return match
}

/** The spelling of DSFinV-K for a name in any case; an unknown name is returned unchanged. */
export function algorithmSpelled(name: string): string {
  return algorithms.find((algorithm) => algorithm.name.toLowerCase() === name.trim().toLowerCase())?.name ?? name.trim()
}

export function algorithmByOid(oid: string): SignatureAlgorithm {
  const match = algorithms.find((algorithm) => algorithm.oid === oid)
  if (!match)
    throw new MalformedError(`signature algorithm with the identifier ${oid} is not one of ${listOf(algorithms)}`)
  return match
}

export function curveByName(name: CurveName): Curve {
  const curve = curves.find((candidate) => candidate.name === name)
  if (!curve) throw new MalformedError(`curve "${name}" is not one of ${listOf(curves)}`)
  return curve
}

export function curveByOid(oid: string): Curve {
  const curve = curves.find((candidate) => candidate.oid === oid)
  if (!curve) throw new MalformedError(`curve with the identifier ${oid} is not one of ${listOf(curves)}`)
  return curve
}

function curve(name: CurveName, namedCurve: string, oid: string, size: number, algorithm: string): Curve {
  return { name, namedCurve, oid, size, algorithm }
}

function listOf(named: readonly { name: string }[]): string {
  return named.map((entry) => entry.name).join(', ')
}
