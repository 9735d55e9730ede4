import type { SMTPTransportOptions } from 'nodemailer'
import type { Clock } from '../base/clock.ts'
import { addressesOfName } from '../base/names.ts'
import { visible } from '../base/text.ts'
import { codeOf, messageOf } from '../base/thrown.ts'
import { clientTrust } from '../base/trust.ts'
import { withoutSecrets } from '../base/without-secrets.ts'
import { mailText } from './mail-text.ts'
import type { AgentIdentity, Channel } from './message.ts'
import { DeliveryError } from './message.ts'
import { withinLimit } from './time-limit.ts'
import type { Language } from './words.ts'

export type MailSettings = {
  readonly host: string
  readonly port: number
  /** `none` only to a loopback address. */
  readonly security: 'tls' | 'starttls' | 'none'
  readonly user?: string | undefined
  readonly from: string
  readonly to: readonly string[]
}

type Options = MailSettings & {
  /** Read at each mail: a renewed password needs no restart. Undefined without a login. */
  readonly password: (() => Promise<string>) | undefined
  /** PEM of a private authority. */
  readonly authority: (() => Promise<string>) | undefined
  readonly language: Language
  /** The address of the status page, as far as the agent has one. */
  readonly pageUrl: () => string | undefined
  readonly clock: Clock
  readonly agent: AgentIdentity
}

const MAIL_CHANNEL = 'mail'
const STEP_MS = 10_000
/** For all steps: a server that answers each one late. */
const TOTAL_MS = 60_000
const NAME_MS = 4_000
const GROUP_MS = 3_000
const WORDS_MAX = 256

/** Messages as mails. The library is loaded for the first one. */
export function mailChannel(options: Options): Channel {
  const { host, from, to, language, pageUrl, agent } = options
  return {
    ...{ id: MAIL_CHANNEL, kind: 'mail', address: to.join(', '), groupMs: GROUP_MS },
    // A duty that needs a person is a warning; its changes are for programs.
    takes: (type) => type !== 'agent.alive' && type !== 'duty.changed',
    send: async (message, signal) => {
      const { subject, text, messageId, inReplyTo } = mailText(message, { language, pageUrl: pageUrl(), agent })
      await withTransport(options, signal, (transport) =>
        transport.sendMail({
          ...{ from, to: [...to], subject, text, messageId },
          ...(inReplyTo !== undefined && { inReplyTo, references: inReplyTo }),
          headers: { 'Auto-Submitted': 'auto-generated' },
          disableFileAccess: true,
          disableUrlAccess: true,
        }),
      )
    },
    probe: async (signal) => {
      await withTransport(options, signal, (transport) => transport.verify())
      const login = options.password === undefined ? [] : ['login']
      return [host, 'connection', ...(options.security === 'none' ? [] : ['certificate']), ...login].join(', ')
    },
  }
}

type Transport = ReturnType<typeof import('nodemailer').createTransport>

async function withTransport(
  options: Options,
  signal: AbortSignal,
  act: (transport: Transport) => Promise<unknown>,
): Promise<void> {
  const password = await readPassword(options)
  const limit = { clock: options.clock, limitMs: TOTAL_MS, words: 'The mail server takes too long.', signal }
  try {
    await withinLimit(limit, async (ended) => {
      const transport = await transportOf(options, password)
      try {
        await Promise.race([act(transport), ended])
      } finally {
        transport.close()
      }
    })
  } catch (error) {
    throw asDelivery(error, password)
  }
}

async function readPassword({ password }: Options): Promise<string | undefined> {
  return password?.().catch((error: unknown) => {
    throw new DeliveryError(codeOf(error) ?? 'secret_unreadable', 'The password file cannot be read.')
  })
}

async function transportOf(options: Options, password: string | undefined): Promise<Transport> {
  const { host, port, security, user, authority } = options
  // By our own names: a lookup of the system waits in a thread that nothing can end.
  const [address] = await addressesOfName(host, { limitMs: NAME_MS })
  const ca = await authority?.()
  const { createTransport } = await import('nodemailer')
  const smtp: SMTPTransportOptions = {
    ...{ host: address?.address ?? host, port, servername: host, name: 'fiskal-edge.invalid' },
    secure: security === 'tls',
    ...(security === 'none' ? { ignoreTLS: true } : { requireTLS: true }),
    ...(password !== undefined && { auth: { user: user ?? '', pass: password } }),
    tls: { ...clientTrust(ca === undefined ? {} : { ca }), servername: host },
    ...{ connectionTimeout: STEP_MS, greetingTimeout: STEP_MS, socketTimeout: STEP_MS },
    ...{ disableFileAccess: true, disableUrlAccess: true },
  }
  return createTransport(smtp)
}

/** The words of the server on one line, without the password: a server may repeat what it was sent. */
function asDelivery(error: unknown, password = ''): DeliveryError {
  if (error instanceof DeliveryError) return error
  const code = codeOf(error) ?? 'mail_failed'
  const status = error instanceof Error && 'responseCode' in error ? error.responseCode : undefined
  const words = withoutSecrets(messageOf(error), [password], '[redacted]')
  return new DeliveryError(typeof status === 'number' ? `smtp_${status}` : code, visible(words).slice(0, WORDS_MAX))
}
