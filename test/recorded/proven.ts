import type { X509Certificate } from 'node:crypto'
import { verify } from 'node:crypto'
import { SignatureProof } from '../../agent/laws/germany/proof.ts'
import type { CardProof } from '../../drivers/recording/sign-card.ts'
import type { TseProof } from '../../drivers/recording/sign-tse.ts'
import { isCertificateOf, readCertificate } from '../../drivers/tr03151/certificate.ts'

const CHAIN_MAX = 5

/** True if an authority is above the unit's certificate, and each signature over our text holds. */
export async function isProven(
  proof: TseProof | CardProof | undefined,
  authorities: readonly X509Certificate[],
): Promise<boolean> {
  if (proof === undefined) return false
  return 'clientId' in proof ? isTseProven(proof, authorities) : isCardProven(proof, authorities)
}

async function isTseProven(
  { identity, clientId, signed }: TseProof,
  authorities: readonly X509Certificate[],
): Promise<boolean> {
  const leaf = leafUnder(identity.certificates, authorities)
  if (leaf === undefined || !isCertificateOf(leaf, identity.publicKey) || signed.length === 0) return false
  const proof = new SignatureProof()
  for (const { processType, processData, start, finish } of signed) {
    const { transaction } = start
    const texts = [
      [{ operation: 'Start', clientId, processType: '', processData: new Uint8Array(), transaction }, start],
      [{ operation: 'Finish', clientId, processType, processData, transaction }, finish],
    ] as const
    for (const [asked, signature] of texts) {
      const isInTime = signature.logTimeMs >= +leaf.validFromDate && signature.logTimeMs <= +leaf.validToDate
      if (!isInTime || !(await proof.proves(asked, signature, identity))) return false
    }
  }
  return true
}

function isCardProven({ identity, signed }: CardProof, authorities: readonly X509Certificate[]): boolean {
  const leaf = leafUnder(identity.certificates, authorities)
  if (leaf === undefined || signed.length === 0) return false
  const key = { key: leaf.publicKey, dsaEncoding: 'ieee-p1363' } as const
  return signed.every(({ message, signature }) => verify('sha256', message, key, signature))
}

/** The unit's own certificate, if a chain of those it shows leads to an authority. */
function leafUnder(
  certificates: readonly Uint8Array[],
  authorities: readonly X509Certificate[],
): X509Certificate | undefined {
  const [leaf, ...shown] = certificates.map(readCertificate)
  let current = leaf
  for (let level = 0; current !== undefined && level < CHAIN_MAX; level += 1) {
    const below: X509Certificate = current
    const issued = (above: X509Certificate): boolean => below.checkIssued(above) && below.verify(above.publicKey)
    if (authorities.some(issued)) return leaf
    current = shown.find(issued)
  }
  return undefined
}
