import { pointOfCertificate, readCertificate } from '../tr03151/certificate.ts'
import { serialOfPoint } from '../tr03151/ecdsa.ts'
import { certificateFileName } from '../tr03151/file-name.ts'
import type { SeSigner } from './store.ts'

/** A file of an archive. */
export type CertificateFile = { name: string; content: Uint8Array }

type Certified = Pick<SeSigner, 'certificates'>

/** One file for each certificate (TR-03151 App. C), or the whole chain in one, as some makers do. */
export function certificateFiles(signer: Certified, chainFile: string | undefined): readonly CertificateFile[] {
  if (chainFile !== undefined) return [{ name: chainFile, content: pemChain(signer) }]
  return signer.certificates.map((content) => {
    const serial = serialOfPoint(pointOfCertificate(readCertificate(content)).point).toString('hex')
    return { name: certificateFileName(serial), content }
  })
}

/** The certificates as one text, the unit's own first. */
export function pemChain({ certificates }: Certified): Buffer {
  return Buffer.from(certificates.map((der) => readCertificate(der).toString()).join(''))
}
