import type { Clock } from '../base/clock.ts'
import type { MailSettings } from './mail.ts'
import { mailChannel } from './mail.ts'
import type { AgentIdentity, Channel } from './message.ts'
import type { WebhookSettings } from './webhook.ts'
import { webhookChannel } from './webhook.ts'
import type { Language } from './words.ts'

type OwnAuthority = { readonly caFile?: string | undefined }

/** As the configuration has them: secrets by their files. */
export type ChannelSettings = {
  readonly mail?: (MailSettings & OwnAuthority & { readonly passwordFile?: string | undefined }) | undefined
  readonly webhooks: readonly (WebhookSettings & OwnAuthority & { readonly secretFile: string })[]
  readonly language: Language
}

type Around = {
  readonly readSecret: (path: string, form?: 'line' | 'lines') => Promise<string>
  readonly clock: Clock
  readonly agent: AgentIdentity
  /** The address of the status page, as far as the agent has one. */
  readonly pageUrl: () => string | undefined
  /** True while a fiscal device is not certified. */
  readonly isTrial: () => boolean
  /** Whom the shop calls. */
  readonly support?: string | undefined
}

/** The configured channels; opens nothing. */
export function channelsOf({ mail, webhooks, language }: ChannelSettings, around: Around): Channel[] {
  const { readSecret } = around
  const authority = (file: string | undefined): (() => Promise<string>) | undefined =>
    file === undefined ? undefined : () => readSecret(file, 'lines')
  const hooks = webhooks.map(({ secretFile, caFile, ...webhook }) =>
    webhookChannel({ ...webhook, ...around, secret: () => readSecret(secretFile), authority: authority(caFile) }),
  )
  if (mail === undefined) return hooks
  const { passwordFile, caFile, ...settings } = mail
  const password = passwordFile === undefined ? undefined : () => readSecret(passwordFile)
  return [mailChannel({ ...settings, ...around, language, password, authority: authority(caFile) }), ...hooks]
}
