import { createHmac } from 'node:crypto'
import type { IncomingMessage, RequestOptions } from 'node:http'
import type { Socket } from 'node:net'
import { connect as connectPlain } from 'node:net'
import { getBuiltinModule } from 'node:process'
import { connect as connectTls } from 'node:tls'
import type { Clock } from '../base/clock.ts'
import { lookupWithin } from '../base/names.ts'
import { visible } from '../base/text.ts'
import { codeOf } from '../base/thrown.ts'
import { clientTrust } from '../base/trust.ts'
import { withoutSecrets } from '../base/without-secrets.ts'
import type { MessageType } from './alert.ts'
import { connectionFailure } from './connection-failure.ts'
import type { AgentIdentity, Channel } from './message.ts'
import { DeliveryError } from './message.ts'
import { withinLimit } from './time-limit.ts'
import { webhookBody } from './webhook-body.ts'

export type WebhookSettings = {
  readonly id: string
  /** `https:`, or `http:` to a loopback address. */
  readonly url: string
  /** The types that it asks for; all of them but `agent.alive` without it. */
  readonly events?: readonly string[] | undefined
}

type Options = WebhookSettings & {
  /** Read at each message: a renewed secret needs no restart. */
  readonly secret: () => Promise<string>
  /** PEM of a private authority. */
  readonly authority: (() => Promise<string>) | undefined
  readonly clock: Clock
  readonly agent: AgentIdentity
}

const TOTAL_MS = 10_000
/** Shorter than that of the connection: an own cause needs its own words. */
const NAME_MS = 4_000
/** For each of several addresses of a name: Node gives 250 ms, which no satellite line meets. */
const ADDRESS_MS = 2_000
const SECRET_PREFIX = 'whsec_'
const TAKEN = { from: 200, to: 299 }
const REFUSED = { from: 400, to: 499 }
const BODY_LENGTH = 4_096
const BODY_MS = 2_000
const WORDS_MAX = 200
/** A shorter part of the URL is not a key. */
const KEY_LENGTH = 16

/** Messages as HTTP requests, signed by the scheme of Standard Webhooks. */
export function webhookChannel(options: Options): Channel {
  const { id, url, events, secret, clock, agent } = options
  const target = new URL(url)
  return {
    ...{ id, kind: 'webhook', address: target.host, groupMs: 0 },
    takes: (type) => takes(events, type),
    send: async (message, signal) => {
      const body = Buffer.from(JSON.stringify(webhookBody(message, agent)))
      const timestamp = String(Math.floor(clock.now() / 1000))
      const key = await keyOf(secret)
      const signed = signature(key, message.id, timestamp, body)
      const headers = {
        'content-type': 'application/json',
        'content-length': String(body.length),
        'user-agent': `fiskal-edge/${agent.version}`,
        'webhook-id': message.id,
        'webhook-timestamp': timestamp,
        'webhook-signature': signed,
      }
      const answer = await post(options, target, headers, body, signal)
      refuseUnlessTaken(answer, [...encoded(key), signed, ...secretsIn(target)])
      return { words: `HTTP ${answer.statusCode}` }
    },
    probe: async (signal) => {
      await keyOf(secret)
      return reached(options, target, signal)
    },
  }
}

function takes(events: readonly string[] | undefined, type: MessageType): boolean {
  if (type === 'alert.test') return true
  if (type === 'agent.alive') return events?.includes(type) === true
  if (events === undefined || events.includes(type)) return true
  return type !== 'duty.changed' && events.includes('alert.*')
}

/** The bytes of a secret: base64 after the prefix, else the text as it is. Throws DeliveryError. */
async function keyOf(secret: () => Promise<string>): Promise<Buffer> {
  const text = await secret().catch((error: unknown) => {
    throw new DeliveryError(codeOf(error) ?? 'secret_unreadable', 'The secret file cannot be read.')
  })
  if (text === '') throw new DeliveryError('secret_invalid', 'The secret file is empty.')
  if (!text.startsWith(SECRET_PREFIX)) return Buffer.from(text)
  const encoded = text.slice(SECRET_PREFIX.length)
  const key = Buffer.from(encoded, 'base64')
  if (key.length === 0 || unpadded(key.toString('base64')) !== unpadded(encoded))
    throw new DeliveryError('secret_invalid', 'The secret file holds no base64 after "whsec_".')
  return key
}

function unpadded(text: string): string {
  return text.replace(/=+$/, '')
}

/** Standard Webhooks, "Signature scheme". */
function signature(key: Buffer, id: string, timestamp: string, body: Buffer): string {
  const signed = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64')
  return `v1,${signed}`
}

/** `words`: the beginning of a refusal's body. */
type Answer = Pick<IncomingMessage, 'statusCode' | 'headers'> & { readonly words: string }

function encoded(key: Buffer): string[] {
  return (['utf8', 'base64', 'hex'] as const).map((encoding) => key.toString(encoding))
}

/** The path of a hook is often its key. */
function secretsIn({ pathname, searchParams }: URL): string[] {
  return [...pathname.split('/'), ...searchParams.values()].filter((part) => part.length >= KEY_LENGTH)
}

/** The head of the answer, with the body of a refusal. No redirect is followed, no connection is kept. */
async function post(
  options: Options,
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: Buffer,
  signal: AbortSignal,
): Promise<Answer> {
  return inTime(options.clock, signal, async (ended) => {
    const request = await requestOptions(options, url)
    return new Promise((resolve, reject) => {
      // Not imported: reading all members of node:http, as an import does, loads a fetch client of 14 MB.
      const { request: begin } = getBuiltinModule(url.protocol === 'http:' ? 'node:http' : 'node:https')
      const sent = begin(url, { ...request, method: 'POST', headers })
      ended.catch((error: Error) => sent.destroy(error))
      sent.on('error', reject)
      sent.on('close', () =>
        reject(new DeliveryError('no_answer', 'The server closed the connection without an answer.')),
      )
      sent.on('response', (answer) => {
        const { statusCode = 0, headers: answered } = answer
        let cancel = (): void => undefined
        const end = (words: string): void => {
          cancel()
          resolve({ statusCode, headers: answered, words })
          sent.destroy()
        }
        if (!isRefusal(statusCode)) return end('')
        let text = ''
        answer.setEncoding('utf8').on('data', (piece: string) => {
          text += piece
          if (text.length >= BODY_LENGTH) end(text)
        })
        // Without its end, what came of it.
        for (const event of ['end', 'close', 'error']) answer.on(event, () => end(text))
        cancel = options.clock.after(BODY_MS, () => end(text))
      })
      sent.end(body)
    })
  })
}

async function requestOptions({ authority }: Options, { protocol }: URL): Promise<RequestOptions> {
  const way = { agent: false, autoSelectFamilyAttemptTimeout: ADDRESS_MS, lookup: lookupWithin(NAME_MS) } as const
  if (protocol === 'http:') return way
  const ca = await authority?.()
  return { ...way, ...clientTrust(ca === undefined ? {} : { ca }) }
}

/** Ends `act` after 10 s, and at the stop. Throws DeliveryError. */
async function inTime<Result>(
  clock: Clock,
  signal: AbortSignal,
  act: (ended: Promise<never>) => Promise<Result>,
): Promise<Result> {
  const limit = { clock, limitMs: TOTAL_MS, words: 'The server did not answer within 10 s.', signal }
  try {
    return await withinLimit(limit, act)
  } catch (error) {
    throw connectionFailure(error, 'The server uses no TLS there.')
  }
}

function isRefusal(statusCode: number): boolean {
  return statusCode >= REFUSED.from && statusCode <= REFUSED.to
}

function refuseUnlessTaken({ statusCode = 0, headers, words }: Answer, secrets: readonly string[]): void {
  if (statusCode >= TAKEN.from && statusCode <= TAKEN.to) return
  const clear = withoutSecrets(words.replaceAll(/<[^>]*>/g, ' '), secrets, '[redacted]')
    .replaceAll(/\s+/g, ' ')
    .trim()
  const said = visible(clear).slice(0, WORDS_MAX)
  const message = said === '' ? `The server answered ${statusCode}.` : `The server answered ${statusCode}: ${said}`
  throw new DeliveryError(`http_${statusCode}`, message, retryAfterMs(headers['retry-after']))
}

/** RFC 9110 §10.2.3, in seconds; a date is left to the pauses between attempts. */
function retryAfterMs(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) * 1000 : undefined
}

/** Connects and, with TLS, checks the certificate; sends no request. */
async function reached(options: Options, url: URL, signal: AbortSignal): Promise<string> {
  const { hostname, protocol, port } = url
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  const isPlain = protocol === 'http:'
  const at = { host, port: Number(port) || (isPlain ? 80 : 443), lookup: lookupWithin(NAME_MS) }
  return inTime(options.clock, signal, async (ended) => {
    const ca = await options.authority?.()
    return new Promise((resolve, reject) => {
      const trust = clientTrust(ca === undefined ? {} : { ca })
      const socket: Socket = isPlain ? connectPlain(at) : connectTls({ ...at, ...trust, servername: host })
      ended.catch((error: Error) => socket.destroy(error))
      socket.on('error', reject)
      socket.once(isPlain ? 'connect' : 'secureConnect', () => {
        resolve(isPlain ? 'connection and secret' : 'connection, certificate and secret')
        socket.destroy()
      })
    })
  })
}
