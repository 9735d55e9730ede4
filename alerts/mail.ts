import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { hostname } from 'node:os'
import type { SMTPTransportOptions } from 'nodemailer'
import type { Clock } from '../base/clock.ts'
import { lookupWithin } from '../base/names.ts'
import { sha256 } from '../base/sha256.ts'
import { visible } from '../base/text.ts'
import { codeOf, messageOf } from '../base/thrown.ts'
import type { Trust } from '../base/trust.ts'
import { clientTrust } from '../base/trust.ts'
import { withoutSecrets } from '../base/without-secrets.ts'
import { connectionFailure } from './connection-failure.ts'
import { heloNameOf } from './helo-name.ts'
import { mailText } from './mail-text.ts'
import type { AgentIdentity, Channel, Partly } from './message.ts'
import { DeliveryError } from './message.ts'
import { withinLimit } from './time-limit.ts'
import type { Language } from './words.ts'

export type MailSettings = {
  readonly host: string
  readonly port: number
  /** `none` only to a loopback address. */
  readonly security: 'tls' | 'starttls' | 'none'
  readonly user?: string | undefined
  /** How this machine introduces itself; its public name or its address if missing. */
  readonly heloName?: string | undefined
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
  /** True while a fiscal device is not certified. */
  readonly isTrial: () => boolean
  /** Whom the shop calls. */
  readonly support?: string | undefined
  readonly clock: Clock
  readonly agent: AgentIdentity
}

const MAIL_CHANNEL = 'mail'
const STEP_MS = 10_000
/** Some servers examine a mail before they take it: one that is sent again too early would come twice. */
const ANSWER_MS = 60_000
/** For all steps: a server that answers each one late. */
const TOTAL_MS = 120_000
const NAME_MS = 4_000
/** For each of several addresses of a name. */
const ADDRESS_MS = 2_000
const GROUP_MS = 3_000
const WORDS_MAX = 256
const KEY_LENGTH = 8

/** Messages as mails. The library is loaded for the first one. */
export function mailChannel(options: Options): Channel {
  const { host, from, to, language, pageUrl, agent, isTrial, support } = options
  return {
    ...{ id: MAIL_CHANNEL, kind: 'mail', address: to.join(', '), groupMs: GROUP_MS },
    // A duty that needs a person is a warning; its changes are for programs.
    takes: (type) => type !== 'agent.alive' && type !== 'duty.changed',
    send: async (message, signal, only) => {
      const { subject, text, messageId, inReplyTo } = mailText(message, {
        ...{ language, pageUrl: pageUrl(), agent, isTrial: isTrial(), support },
      })
      const recipients = to.filter((one) => only?.includes(recipientKey(agent, one)) ?? true)
      // Their addresses were removed from the configuration.
      if (recipients.length === 0) return { words: '' }
      const mail = {
        ...{ from, to: [...to], subject, text, messageId, envelope: { from, to: recipients } },
        ...(inReplyTo !== undefined && { inReplyTo, references: inReplyTo }),
        headers: { 'Auto-Submitted': 'auto-generated' },
        disableFileAccess: true,
        disableUrlAccess: true,
      }
      return withTransport(options, signal, ANSWER_MS, async (transport, password) => {
        const sending: Promise<Sent> = transport.sendMail(mail)
        const sent = await sending.catch((error: unknown) => refusedForGood(error, only !== undefined))
        const partly = partlyOf(sent.rejectedErrors ?? [], agent, password)
        return { words: shown(sent.response, password), ...(partly && { partly }) }
      })
    },
    probe: async (signal) => {
      await withTransport(options, signal, STEP_MS, (transport) => transport.verify())
      const login = options.password === undefined ? [] : ['login']
      return [host, 'connection', ...(options.security === 'none' ? [] : ['certificate']), ...login].join(', ')
    },
  }
}

/** A recipient in the journal, which has no address: a person's. */
function recipientKey({ id }: AgentIdentity, address: string): string {
  return sha256(`${id} ${address}`).toString('hex').slice(0, KEY_LENGTH)
}

/** A reply to one recipient; RFC 5321 §4.2.1: 5 is final, 4 asks to try again. */
type Rejection = { readonly recipient?: string | undefined; readonly response?: string | undefined }
type Sent = { readonly response: string; readonly rejectedErrors?: readonly Rejection[] | undefined }

function isFinal({ response = '' }: Rejection): boolean {
  return response.startsWith('5')
}

/** The last recipients of a message that the server took for the others: a final refusal ends it. Else throws. */
function refusedForGood(error: unknown, isRest: boolean): Sent {
  const rejections = error instanceof Error && 'rejectedErrors' in error ? error.rejectedErrors : undefined
  const rejectedErrors = Array.isArray(rejections) ? (rejections as Rejection[]) : []
  if (!isRest || rejectedErrors.length === 0 || !rejectedErrors.every(isFinal)) throw error
  return { response: '', rejectedErrors }
}

function partlyOf(rejections: readonly Rejection[], agent: AgentIdentity, password: string): Partly | undefined {
  const [first] = rejections
  if (first === undefined) return undefined
  const later = rejections.filter((rejection) => !isFinal(rejection))
  const words = rejections.map((one) => `${one.recipient}: ${one.response} (${isFinal(one) ? 'refused' : 'later'})`)
  const code = later.length === rejections.length ? 'recipient_later' : 'recipient_refused'
  return {
    later: later.map(({ recipient = '' }) => recipientKey(agent, recipient)),
    failure: new DeliveryError(code, shown(words.join('; '), password)),
  }
}

type Transport = ReturnType<typeof import('nodemailer').createTransport>

async function withTransport<Result>(
  options: Options,
  signal: AbortSignal,
  answerMs: number,
  act: (transport: Transport, password: string) => Promise<Result>,
): Promise<Result> {
  const password = await readPassword(options)
  const limit = { clock: options.clock, limitMs: TOTAL_MS, words: 'The mail server takes too long.', signal }
  try {
    return await withinLimit(limit, async (ended) => {
      // Loaded before: a server that closes at once is noticed.
      const [{ createTransport }, ca] = await Promise.all([import('nodemailer'), options.authority?.()])
      const trust = clientTrust(ca === undefined ? {} : { ca })
      const line = await connected(options, ended)
      const transport = createTransport({ ...smtpOptions(options, password, trust, line), socketTimeout: answerMs })
      try {
        return await Promise.race([act(transport, password ?? ''), ended])
      } finally {
        transport.close()
        // The server may leave QUIT without an answer.
        line.unref()
      }
    })
  } catch (error) {
    throw asDelivery(error, options, password)
  }
}

async function readPassword({ password }: Options): Promise<string | undefined> {
  return password?.().catch((error: unknown) => {
    throw new DeliveryError(codeOf(error) ?? 'secret_unreadable', 'The password file cannot be read.')
  })
}

/** By our own names: a lookup of the system waits in a thread that nothing can end. The end of the time closes it. */
function connected({ host, port }: Options, ended: Promise<never>): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const line = connect({ host, port, lookup: lookupWithin(NAME_MS), autoSelectFamilyAttemptTimeout: ADDRESS_MS })
    const late = new DeliveryError('timeout', 'The mail server did not take the connection within 10 s.')
    line.setTimeout(STEP_MS, () => line.destroy(late))
    line.on('error', reject)
    line.once('connect', () => {
      line.setTimeout(0)
      line.removeAllListeners('timeout')
      resolve(line)
    })
    ended.catch((error: Error) => line.destroy(error))
  })
}

function smtpOptions(
  { host, port, security, user = '', heloName }: Options,
  password: string | undefined,
  trust: Trust,
  line: Socket,
): SMTPTransportOptions {
  return {
    ...{ host, port, servername: host, name: heloName ?? heloNameOf(hostname(), line.localAddress ?? '') },
    getSocket: (_options, use) => use(null, { connection: line }),
    secure: security === 'tls',
    ...(security === 'none' ? { ignoreTLS: true } : { requireTLS: true }),
    ...(password !== undefined && { auth: { user, pass: password } }),
    tls: { ...trust, servername: host },
    ...{ connectionTimeout: STEP_MS, greetingTimeout: STEP_MS },
    ...{ disableFileAccess: true, disableUrlAccess: true },
  }
}

/** The members that nodemailer gives its errors. */
type Fault = { responseCode?: unknown; response?: unknown; timeoutType?: unknown; command?: unknown }

/** The words of the server on one line, without the password: a server may repeat what it was sent. */
function asDelivery(error: unknown, { security, port }: Options, password = ''): DeliveryError {
  if (error instanceof DeliveryError) return error
  const { responseCode, response, timeoutType, command }: Fault = Object(error)
  const words = shown(messageOf(error), password)
  if (command === 'STARTTLS')
    return new DeliveryError('no_starttls', `Port ${port} offers no STARTTLS: ${shown(String(response), password)}`)
  if (typeof responseCode === 'number')
    return new DeliveryError(
      /\b(?:HELO|EHLO)\b/i.test(String(response)) ? 'helo_refused' : `smtp_${responseCode}`,
      words,
    )
  if (timeoutType === 'GREETING_TIMEOUT' && security !== 'tls')
    return new DeliveryError(
      'no_greeting',
      `Port ${port} sent no greeting within 10 s: TLS from the first byte needs "security": "tls".`,
    )
  const { code, message } = connectionFailure(
    error,
    `Port ${port} uses no TLS from the first byte: there "security" is "starttls".`,
  )
  return new DeliveryError(code, shown(message, password))
}

function shown(text: string, password: string): string {
  return visible(withoutSecrets(text.trim(), [password], '[redacted]')).slice(0, WORDS_MAX)
}
