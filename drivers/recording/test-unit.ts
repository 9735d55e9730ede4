import type { TseIdentity } from '../ports/tse.ts'
import { isUncertified, readCertificate } from '../tr03151/certificate.ts'

/** As in `D-TRUST TIM SW Signing Test CA 1 2019`. */
const TEST = /\bTest\b/

/** True for a unit that signs for no shop: a simulator, and one whose issuer or firmware says that it is for tests. */
export function isTestUnit({
  certificates,
  isDevelopment,
}: Pick<TseIdentity, 'certificates' | 'isDevelopment'>): boolean {
  return isDevelopment === true || certificates.slice(0, 1).some(isForTests)
}

/** False for a certificate that OpenSSL cannot read. */
export function isForTests(der: Uint8Array): boolean {
  if (isUncertified(der)) return true
  try {
    return TEST.test(readCertificate(der).issuer)
  } catch {
    return false
  }
}
