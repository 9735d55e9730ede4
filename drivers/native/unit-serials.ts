import type { X509Certificate } from 'node:crypto'
import { certifiedKey, readCertificate, shortSerial } from '../tr03151/certificate.ts'
import { serialOfPoint } from '../tr03151/ecdsa.ts'

/** The serial numbers of units with these certificates: a card has that of its certificate, a TSE the hash of its key. */
export function serialsIn(certificates: readonly Uint8Array[]): string[] {
  return certificates.flatMap(readable).flatMap((x509) => {
    const point = certifiedKey(x509)?.point
    return [shortSerial(x509), ...(point === undefined ? [] : [serialOfPoint(point).toString('hex')])]
  })
}

/** Empty for an object of another program: ours are readable by OpenSSL. */
export function readable(der: Uint8Array): X509Certificate[] {
  try {
    return [readCertificate(der)]
  } catch {
    return []
  }
}
