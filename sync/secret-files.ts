import { X509Certificate } from 'node:crypto'
import type { SecretForm } from '../base/secret-file.ts'
import type { NatsSecrets } from './protocol/nats-connection.ts'

/** The secret in a file: a token of one line, or one with lines. */
export type ReadSecret = (path: string, form?: SecretForm) => Promise<string>

/** Paths of PEM files. */
export type TlsFiles = {
  readonly caFile?: string | undefined
  readonly certFile?: string | undefined
  readonly keyFile?: string | undefined
}
export type NatsFiles = { readonly credsFile?: string | undefined; readonly tls?: TlsFiles | undefined }

/** A file of trusted authorities that contains none. */
export class AuthorityFileError extends Error {
  override readonly name = 'AuthorityFileError'
  readonly code = 'ca_file_invalid'
}

/** Throws AuthorityFileError, and the error of reading. */
export async function pemOf(
  { caFile, certFile, keyFile }: TlsFiles,
  readSecret: ReadSecret,
): Promise<{ readonly ca?: string; readonly cert?: string; readonly key?: string }> {
  return {
    ...(caFile !== undefined && { ca: authorityOf(await readSecret(caFile, 'lines'), caFile) }),
    ...(certFile !== undefined && { cert: await readSecret(certFile, 'lines') }),
    ...(keyFile !== undefined && { key: await readSecret(keyFile, 'lines') }),
  }
}

/** For an empty file OpenSSL would trust every public authority, for a broken one none. */
function authorityOf(pem: string, path: string): string {
  try {
    new X509Certificate(pem)
    return pem
  } catch {
    throw new AuthorityFileError(`The "caFile" holds no certificate: ${path}`)
  }
}

export function natsSecrets({ credsFile, tls }: NatsFiles, readSecret: ReadSecret): NatsSecrets {
  return {
    // The client finds only blocks with a line end after the last line.
    ...(credsFile !== undefined && { creds: async () => Buffer.from(`${await readSecret(credsFile, 'lines')}\n`) }),
    ...(tls && { tls: () => pemOf(tls, readSecret) }),
  }
}
