import { readTlv } from '../../../drivers/tr03151/der.ts'
import { MalformedError } from '../../../drivers/tr03151/malformed.ts'

/** OID 1.2.40.0.10.1.11.1, "Registrierkasseninhaber": DER of the identifier. */
const holderOid = Buffer.from('06072a28000a010b01', 'hex')
const OCTET_STRING = 0x04
const BOOLEAN = 0x01

/** The owner of the register named in the certificate, e.g. `UID ATU12345678`; undefined if it names none. */
export function certificateHolder(der: Uint8Array): string | undefined {
  const bytes = Buffer.from(der)
  const at = bytes.indexOf(holderOid)
  if (at < 0) return undefined
  try {
    let value = readTlv(bytes, at + holderOid.length)
    if (value.tag === BOOLEAN) value = readTlv(bytes, at + holderOid.length + value.encoded.length)
    if (value.tag !== OCTET_STRING) return undefined
    return Buffer.from(readTlv(value.content).content).toString('utf8')
  } catch (error) {
    if (error instanceof MalformedError) return undefined
    throw error
  }
}
