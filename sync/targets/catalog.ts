import type { Clock } from '../../base/clock.ts'
import type { NatsFiles, ReadSecret, TlsFiles } from '../secret-files.ts'
import { natsSecrets, pemOf } from '../secret-files.ts'
import type { Target } from '../target.ts'
import type { DiskPlaces } from './file.ts'
import type { TlsMaterial } from './https.ts'

/** `spkiSha256` is the pinned public key itself. */
type TlsSettings = TlsFiles & { readonly spkiSha256?: string | undefined }
type HttpsSettings = {
  readonly id: string
  readonly kind: 'https'
  readonly url: string
  readonly tokenFile: string
  readonly tls?: TlsSettings | undefined
}
type NatsSettings = NatsFiles & {
  readonly id: string
  readonly kind: 'nats'
  readonly servers: readonly string[]
  readonly stream: string
  readonly shards: number
  readonly tenant: string
}
type FileSettings = { readonly id: string; readonly kind: 'file'; readonly folder: string }
export type TargetSettings = HttpsSettings | NatsSettings | FileSettings

export type TargetContext = {
  readonly clock: Clock
  readonly requestId: () => string
  /** Read again each time. */
  readonly readSecret: ReadSecret
  readonly places?: DiskPlaces
}

/**
 * Makes the target of a configuration; nothing is connected yet. Each kind is loaded on demand: an agent without
 * targets loads no client. Throws the target's error about an unsafe address.
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
      const { servers, stream, shards, tenant } = settings
      const { natsTarget } = await import('./nats.ts')
      return natsTarget({ id, servers, stream, shards, tenant, ...natsSecrets(settings, context.readSecret) })
    }
    case 'file': {
      const { fileTarget } = await import('./file.ts')
      return fileTarget({ id, path: settings.folder, places: context.places })
    }
  }
}

async function tlsMaterial({ readSecret }: TargetContext, settings: TlsSettings): Promise<TlsMaterial> {
  const { spkiSha256 } = settings
  return { ...(await pemOf(settings, readSecret)), ...(spkiSha256 !== undefined && { spkiSha256 }) }
}
