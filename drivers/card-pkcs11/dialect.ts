import { callDialect } from '../native/call-dialect.ts'

export const PKCS11_DIALECT = callDialect({
  reading: ['attach', 'facts', 'certificates', 'detach'],
  secrets: ['pin'],
  unlike: ['token'],
})
