import { X509Certificate } from 'node:crypto'
import type { NatsSecrets } from './nats-connection.ts'

/** Content of a secret file, trailing newline dropped. */
export type ReadSecret = (path: string) => Promise<string>

/** Paths of PEM files. */
export type TlsFiles = {
  readonly caFile?: string | undefined
  readonly certFile?: string | undefined
  readonly keyFile?: string | undefined
}
export type NatsFiles = { readonly credsFile?: string | undefined; readonly tls?: TlsFiles | undefined }

/** A file that was meant to say whom to trust says nobody. */
export class AuthorityFileError extends Error {
  override readonly name = 'AuthorityFileError'
  readonly code = 'ca_file_invalid'
}

/** Throws AuthorityFileError, and what reading throws. */
export async function pemOf(
  { caFile, certFile, keyFile }: TlsFiles,
  readSecret: ReadSecret,
): Promise<{ readonly ca?: string; readonly cert?: string; readonly key?: string }> {
  return {
    ...(caFile !== undefined && { ca: authorityOf(await readSecret(caFile), caFile) }),
    ...(certFile !== undefined && { cert: await readSecret(certFile) }),
    ...(keyFile !== undefined && { key: await readSecret(keyFile) }),
  }
}

/** Of an empty file OpenSSL is told nothing, and trusts each public authority; of a broken one nobody. */
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
    ...(credsFile !== undefined && { creds: async () => Buffer.from(await readSecret(credsFile)) }),
    ...(tls && { tls: () => pemOf(tls, readSecret) }),
  }
}
