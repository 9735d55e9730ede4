import type { Handle } from 'pkcs11js'
import type { TokenKey } from './pkcs11-calls.ts'
import { asFault, explain } from './pkcs11-module.ts'
import { attributeOf, find, hexOf } from './pkcs11-objects.ts'
import type { Session } from './pkcs11-session.ts'
import { NativeFault } from './protocol.ts'

/** Enough for the DER form that some modules return; too short a buffer would leave the operation active. */
const SIGNATURE_BUFFER_BYTES = 256

/** Private EC keys with CKA_SIGN. Private objects are visible only after login. */
export function listKeys(session: Session): TokenKey[] {
  const { binding } = session.module
  return explain(binding, () => {
    const keys: TokenKey[] = []
    session.keys.clear()
    const ofEc = { type: binding.CKA_KEY_TYPE, value: binding.CKK_EC }
    for (const handle of find(session, [{ type: binding.CKA_CLASS, value: binding.CKO_PRIVATE_KEY }, ofEc])) {
      if (attributeOf(session, handle, binding.CKA_SIGN)?.[0] !== 1) continue
      const curveParams = attributeOf(session, handle, binding.CKA_EC_PARAMS)
      if (!curveParams) continue
      const id = hexOf(attributeOf(session, handle, binding.CKA_ID))
      const label = attributeOf(session, handle, binding.CKA_LABEL)?.toString('utf8') ?? ''
      const ref = id ? `id:${id}` : `label:${label}`
      const alwaysAuthenticate = attributeOf(session, handle, binding.CKA_ALWAYS_AUTHENTICATE)?.[0] === 1
      session.keys.set(ref, { handle, alwaysAuthenticate })
      keys.push({ ref, id, label, curveParams, point: publicPoint(session, handle, id) })
    }
    return keys
  })
}

/** Some modules keep CKA_EC_POINT with the private key as well; by the standard it is on the public one. */
function publicPoint(session: Session, privateKey: Handle, id: string): Uint8Array | undefined {
  const { binding } = session.module
  if (id) {
    const value = Buffer.from(id, 'hex')
    const byId = [
      { type: binding.CKA_CLASS, value: binding.CKO_PUBLIC_KEY },
      { type: binding.CKA_ID, value },
    ]
    const publicKey = find(session, byId)[0]
    if (publicKey) return attributeOf(session, publicKey, binding.CKA_EC_POINT)
  }
  return attributeOf(session, privateKey, binding.CKA_EC_POINT)
}

/** CKM_ECDSA takes the digest itself and signs 64 bytes of anything: the caller verifies every signature. */
export async function sign(session: Session, ref: string, digest: Uint8Array): Promise<Uint8Array> {
  const { binding, calls } = session.module
  const key = session.keys.get(ref)
  if (!key) throw new NativeFault('KEY_NOT_FOUND', `no signing key ${ref} in the token`)
  try {
    calls.C_SignInit(session.handle, { mechanism: binding.CKM_ECDSA }, key.handle)
    if (key.alwaysAuthenticate) calls.C_Login(session.handle, binding.CKU_CONTEXT_SPECIFIC, session.pin ?? '')
    return await calls.C_SignAsync(session.handle, Buffer.from(digest), Buffer.alloc(SIGNATURE_BUFFER_BYTES))
  } catch (error) {
    throw asFault(binding, error)
  }
}

/** The private key never leaves the token: CKA_SENSITIVE, not CKA_EXTRACTABLE. */
export async function generateKey(
  session: Session,
  key: { id: string; label: string; curveParams: Uint8Array },
): Promise<undefined> {
  const { binding, calls } = session.module
  const named = [
    { type: binding.CKA_TOKEN, value: true },
    { type: binding.CKA_ID, value: Buffer.from(key.id, 'hex') },
    { type: binding.CKA_LABEL, value: key.label },
  ]
  const publicKey = [
    ...named,
    { type: binding.CKA_EC_PARAMS, value: Buffer.from(key.curveParams) },
    { type: binding.CKA_VERIFY, value: true },
  ]
  const privateKey = [
    ...named,
    { type: binding.CKA_PRIVATE, value: true },
    { type: binding.CKA_SENSITIVE, value: true },
    { type: binding.CKA_EXTRACTABLE, value: false },
    { type: binding.CKA_SIGN, value: true },
  ]
  try {
    const mechanism = { mechanism: binding.CKM_EC_KEY_PAIR_GEN }
    await calls.C_GenerateKeyPairAsync(session.handle, mechanism, publicKey, privateKey)
  } catch (error) {
    throw asFault(binding, error)
  }
}
