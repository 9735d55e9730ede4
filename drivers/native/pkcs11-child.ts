import { serve } from './child.ts'
import type { Pkcs11Calls } from './pkcs11-calls.ts'
import { generateKey, listKeys, sign } from './pkcs11-keys.ts'
import { openModule } from './pkcs11-module.ts'
import { readCertificates, readData, replaceData, storeCertificate } from './pkcs11-objects.ts'
import type { Session } from './pkcs11-session.ts'
import { attach, detach, facts, login } from './pkcs11-session.ts'
import { NativeFault } from './protocol.ts'

let session: Session | undefined

function attached(): Session {
  if (!session) throw new NativeFault('NOT_ATTACHED', 'no token is attached')
  return session
}

serve<Pkcs11Calls>({
  attach: async ({ module, token, readOnly }) => {
    session = attach(await openModule(module), token, readOnly)
    return facts(session)
  },
  login: ({ pin }) => login(attached(), pin),
  facts: () => facts(attached()),
  keys: () => listKeys(attached()),
  sign: ({ ref, digest }) => sign(attached(), ref, digest),
  generateKey: (args) => generateKey(attached(), args),
  certificates: () => readCertificates(attached()),
  storeCertificate: (certificate) => storeCertificate(attached(), certificate),
  readData: ({ label }) => readData(attached(), label),
  replaceData: ({ label, value }) => replaceData(attached(), label, value),
  detach: () => {
    if (session) detach(session)
    session = undefined
  },
})
