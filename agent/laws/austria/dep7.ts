import { unitOfJws } from './jws.ts'

/** A unit's certificate and its issuers, DER; without a certificate both are empty. */
export type Dep7Certificates = { certificate: Uint8Array | undefined; issuers: readonly Uint8Array[] }

const CHUNK_CHARS = 65_536

/**
 * Datenerfassungsprotokoll of one register (§ 7 RKSV, Anlage Z 3): its JWS texts in chain order, as stored. A new group
 * begins whenever another unit signed, so that the file has the order of the chain. The bytes are the same each time;
 * memory does not grow with the length.
 */
export async function* writeDep7(
  receipts: AsyncIterable<string> | Iterable<string>,
  certificatesOf: (serial: string) => Dep7Certificates,
): AsyncGenerator<Uint8Array> {
  let text = '{"Belege-Gruppe":['
  let group: string | undefined
  for await (const jws of receipts) {
    const { suite, serial } = unitOfJws(jws)
    const unit = `${suite} ${serial}`
    if (unit === group) text += ','
    else text += (group === undefined ? '' : ']},') + groupHead(certificatesOf(serial))
    text += JSON.stringify(jws)
    group = unit
    if (text.length < CHUNK_CHARS) continue
    yield Buffer.from(text, 'utf8')
    text = ''
  }
  yield Buffer.from(`${text}${group === undefined ? '' : ']}'}]}`, 'utf8')
}

/**
 * The material that the ministry's checking tool needs in addition to a DEP; `units`: serial → DER. It contains the
 * secret key: only for the technician.
 */
export function checkerMaterial(aesKeyText: string, units: ReadonlyMap<string, Uint8Array>): string {
  const entries = [...units].map(([id, der]) => [
    id,
    {
      id,
      signatureDeviceType: 'CERTIFICATE',
      signatureCertificateOrPublicKey: Buffer.from(der).toString('base64'),
    },
  ])
  return JSON.stringify({
    base64AESKey: aesKeyText,
    certificateOrPublicKeyMap: Object.fromEntries(entries),
  })
}

function groupHead({ certificate, issuers }: Dep7Certificates): string {
  const own = certificate === undefined ? '' : Buffer.from(certificate).toString('base64')
  const above = issuers.map((der) => Buffer.from(der).toString('base64'))
  const head = JSON.stringify({ Signaturzertifikat: own, Zertifizierungsstellen: above })
  return `${head.slice(0, -1)},"Belege-kompakt":[`
}
