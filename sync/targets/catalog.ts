import type { Clock } from '../clock.ts'
import type { Target } from '../target.ts'
import type { TlsMaterial } from './https.ts'

/** Paths of PEM files; `spkiSha256` is the pinned public key itself. */
type TlsSettings = {
  readonly caFile?: string | undefined
  readonly certFile?: string | undefined
  readonly keyFile?: string | undefined
  readonly spkiSha256?: string | undefined
}
type HttpsSettings = {
  readonly id: string
  readonly kind: 'https'
  readonly url: string
  readonly tokenFile: string
  readonly tls?: TlsSettings | undefined
}
type NatsSettings = {
  readonly id: string
  readonly kind: 'nats'
  readonly servers: readonly string[]
  readonly stream: string
  readonly shards: number
  readonly tenant: string
  readonly credsFile?: string | undefined
  readonly tls?: TlsSettings | undefined
}
type FileSettings = { readonly id: string; readonly kind: 'file'; readonly path: string }
export type TargetSettings = HttpsSettings | NatsSettings | FileSettings

export type TargetContext = {
  readonly clock: Clock
  readonly requestId: () => string
  /** Content of a secret file, trailing newline dropped; read anew each time. */
  readonly readSecret: (path: string) => Promise<string>
}

/**
 * Makes the target of a configuration; nothing is connected yet. Each kind is loaded when it is asked for: who replays
 * nowhere pays for no client. Throws what the target says of an address that is not safe.
 */
export async function makeTarget(settings: TargetSettings, context: TargetContext): Promise<Target> {
  const { id } = settings
  switch (settings.kind) {
    case 'https': {
      const { url, tokenFile, tls } = settings
      const { httpsTarget } = await import('./https.ts')
      const { clock, requestId, readSecret } = context
      const secure = tls === undefined ? {} : { tls: () => tlsMaterial(context, tls) }
      return httpsTarget({ id, url, token: () => readSecret(tokenFile), clock, requestId, ...secure })
    }
    case 'nats': {
      const { servers, stream, shards, tenant, credsFile, tls } = settings
      const { natsTarget } = await import('./nats.ts')
      const creds = credsFile === undefined ? {} : { creds: () => credentials(context, credsFile) }
      const secure = tls === undefined ? {} : { tls: () => tlsMaterial(context, tls) }
      return natsTarget({ id, servers, stream, shards, tenant, ...creds, ...secure })
    }
    case 'file': {
      const { fileTarget } = await import('./file.ts')
      return fileTarget({ id, path: settings.path })
    }
  }
}

async function tlsMaterial({ readSecret }: TargetContext, settings: TlsSettings): Promise<TlsMaterial> {
  const { caFile, certFile, keyFile, spkiSha256 } = settings
  return {
    ...(caFile !== undefined && { ca: await readSecret(caFile) }),
    ...(certFile !== undefined && { cert: await readSecret(certFile) }),
    ...(keyFile !== undefined && { key: await readSecret(keyFile) }),
    ...(spkiSha256 !== undefined && { spkiSha256 }),
  }
}

async function credentials({ readSecret }: TargetContext, file: string): Promise<Uint8Array> {
  return Buffer.from(await readSecret(file))
}
