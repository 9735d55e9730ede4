import type { Handle, Template } from 'pkcs11js'
import type { TokenCertificate } from './pkcs11-calls.ts'
import { codeOf, explain } from './pkcs11-module.ts'
import type { Session } from './pkcs11-session.ts'

const MAX_OBJECTS = 64
const APPLICATION = 'fiskal-edge'

/** Handles of the matching objects, at most 64. */
export function find(session: Session, template: Template): Handle[] {
  const { calls } = session.module
  const handles: Handle[] = []
  calls.C_FindObjectsInit(session.handle, template)
  try {
    // Fewer than requested need not be the last: only an empty answer marks the end (PKCS#11 v2.40 §5.7).
    for (let more = MAX_OBJECTS; more > 0 && handles.length < MAX_OBJECTS; ) {
      const portion = calls.C_FindObjects(session.handle, MAX_OBJECTS - handles.length)
      handles.push(...portion)
      more = portion.length
    }
    return handles
  } finally {
    calls.C_FindObjectsFinal(session.handle)
  }
}

/** One attribute, or undefined if the object does not have it; read singly, since one missing fails a whole list. */
export function attributeOf(session: Session, object: Handle, type: number): Buffer | undefined {
  const { binding, calls } = session.module
  try {
    return calls.C_GetAttributeValue(session.handle, object, [{ type }])[0]?.value
  } catch (error) {
    const code = codeOf(binding, error)
    if (code === binding.CKR_ATTRIBUTE_TYPE_INVALID || code === binding.CKR_ATTRIBUTE_SENSITIVE) return undefined
    throw error
  }
}

export function hexOf(bytes: Buffer | undefined): string {
  return bytes?.toString('hex') ?? ''
}

/** DER of all X.509 certificates in the token. */
export function readCertificates(session: Session): Uint8Array[] {
  const { binding } = session.module
  const ofX509 = [
    { type: binding.CKA_CLASS, value: binding.CKO_CERTIFICATE },
    { type: binding.CKA_CERTIFICATE_TYPE, value: binding.CKC_X_509 },
  ]
  return explain(binding, () =>
    find(session, ofX509).flatMap((object) => attributeOf(session, object, binding.CKA_VALUE) ?? []),
  )
}

export function storeCertificate(session: Session, certificate: TokenCertificate): undefined {
  const { binding, calls } = session.module
  explain(binding, () =>
    calls.C_CreateObject(session.handle, [
      { type: binding.CKA_CLASS, value: binding.CKO_CERTIFICATE },
      { type: binding.CKA_CERTIFICATE_TYPE, value: binding.CKC_X_509 },
      { type: binding.CKA_TOKEN, value: true },
      { type: binding.CKA_PRIVATE, value: false },
      { type: binding.CKA_LABEL, value: certificate.label },
      { type: binding.CKA_ID, value: Buffer.from(certificate.id, 'hex') },
      { type: binding.CKA_SUBJECT, value: Buffer.from(certificate.subject) },
      { type: binding.CKA_ISSUER, value: Buffer.from(certificate.issuer) },
      { type: binding.CKA_SERIAL_NUMBER, value: Buffer.from(certificate.serialNumber) },
      { type: binding.CKA_VALUE, value: Buffer.from(certificate.der) },
    ]),
  )
}

/** The values of our own data objects with that label: one, or two after a crash between writing and removing. */
export function readData(session: Session, label: string): Uint8Array[] {
  const { binding } = session.module
  return explain(binding, () =>
    find(session, dataTemplate(session, label)).flatMap(
      (object) => attributeOf(session, object, binding.CKA_VALUE) ?? [],
    ),
  )
}

/**
 * Creates the new object before it removes the old one, because several tokens cannot change CKA_VALUE of a data
 * object.
 */
export function replaceData(session: Session, label: string, value: Uint8Array): undefined {
  const { binding, calls } = session.module
  explain(binding, () => {
    const old = find(session, dataTemplate(session, label))
    calls.C_CreateObject(session.handle, [
      ...dataTemplate(session, label),
      { type: binding.CKA_TOKEN, value: true },
      { type: binding.CKA_PRIVATE, value: true },
      { type: binding.CKA_VALUE, value: Buffer.from(value) },
    ])
    for (const object of old) calls.C_DestroyObject(session.handle, object)
  })
}

function dataTemplate({ module: { binding } }: Session, label: string): Template {
  return [
    { type: binding.CKA_CLASS, value: binding.CKO_DATA },
    { type: binding.CKA_APPLICATION, value: APPLICATION },
    { type: binding.CKA_LABEL, value: label },
  ]
}
