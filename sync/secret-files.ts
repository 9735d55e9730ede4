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

export async function pemOf(
  { caFile, certFile, keyFile }: TlsFiles,
  readSecret: ReadSecret,
): Promise<{ readonly ca?: string; readonly cert?: string; readonly key?: string }> {
  return {
    ...(caFile !== undefined && { ca: await readSecret(caFile) }),
    ...(certFile !== undefined && { cert: await readSecret(certFile) }),
    ...(keyFile !== undefined && { key: await readSecret(keyFile) }),
  }
}

export function natsSecrets({ credsFile, tls }: NatsFiles, readSecret: ReadSecret): NatsSecrets {
  return {
    ...(credsFile !== undefined && { creds: async () => Buffer.from(await readSecret(credsFile)) }),
    ...(tls && { tls: () => pemOf(tls, readSecret) }),
  }
}
