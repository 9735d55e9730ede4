import { hash as digest } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { lookupWithin } from '../base/names.ts'
import { CodedError, messageOf } from '../base/thrown.ts'
import { clientTrust } from '../base/trust.ts'
import { BLOB_BYTES, isSha256 } from './protocol/blob-manifest.ts'
import { isUuid } from './protocol/chain-hash.ts'
import type { Members } from './protocol/json.ts'
import { members, parseObject, textOf, wholeNumber } from './protocol/json.ts'
import { ADDRESS_MS, NAME_MS, receiverBase } from './protocol/receiver-address.ts'

const IDLE_MS = 30_000
const LIST_BYTES = 4 << 20

/** Likely mistakes of the technician, by the receiver's status. */
const REMEDIES: ReadonlyMap<number, string> = new Map([
  [401, 'it does not know the token, or it was revoked ("fiskal-edge receiver token list" there)'],
  [403, 'the token is of another agent'],
  [
    404,
    'it has no such agent, or the token is not for it; its page and "fiskal-edge receiver token list" show the ids',
  ],
  [400, 'the id of an agent is as "fiskal-edge doctor" and the page of the receiver show it'],
])

export type ReceiverReaderOptions = {
  /** Base of `/v1/…`; plain `http:` only to a loopback address. */
  readonly url: string
  /** Token of the agent, or of its head office. */
  readonly token: string
  readonly agentId: string
  /** Own CA, and the certificate for a receiver that requires one; PEM. */
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

/** `secrets`: it contains the keys, sealed. */
export type ListedBackup = {
  readonly sha256: string
  readonly state: string
  readonly createdAt: string
  readonly secrets: boolean
}
export type ListedChain = { readonly chainId: string; readonly epoch: number }

/** The receiver did not return the requested data. */
export class ReceiverReadError extends CodedError<
  'receiver_unreachable' | 'receiver_refuses' | 'receiver_damaged' | 'receiver_insecure'
> {
  override readonly name = 'ReceiverReadError'
}

/** Reads the data to restore a lost machine from a receiver. All methods throw ReceiverReadError. */
export class ReceiverReader {
  readonly #options: ReceiverReaderOptions
  readonly #base: URL

  constructor(options: ReceiverReaderOptions) {
    this.#options = options
    const base = URL.canParse(options.url) ? receiverBase(options.url) : undefined
    if (base === undefined) {
      const wanted = 'Name an address as https://cloud.example; http: only to a loopback address'
      throw new ReceiverReadError('receiver_insecure', `${wanted}, not ${options.url}.`)
    }
    this.#base = base
  }

  /** The newest first. */
  async backups(): Promise<{ backups: readonly ListedBackup[]; chains: readonly ListedChain[] }> {
    const answer = await this.#get(`v1/agents/${this.#options.agentId}/backups?limit=100`)
    const document = parseObject((await collected(answer, LIST_BYTES)).toString('utf8'))
    const backups = listOf(document?.['data']).flatMap((entry) => {
      const { sha256, state, created_at, secrets } = entry
      const about = { state: textOf(state) ?? '', createdAt: textOf(created_at) ?? '', secrets: secrets === true }
      return isSha256(sha256) ? [{ sha256, ...about }] : []
    })
    const chains = listOf(document?.['chains']).flatMap(({ chain_id, epoch }) => {
      const [id, number] = [textOf(chain_id), wholeNumber(epoch, 1)]
      if (id === undefined || number === undefined) return []
      // The id becomes the name of a file, and part of an address.
      if (!isUuid(id)) throw new ReceiverReadError('receiver_damaged', 'The receiver names an invalid chain.')
      return [{ chainId: id, epoch: number }]
    })
    return { backups, chains }
  }

  /** The bytes with this hash. */
  async blob(sha256: string): Promise<Buffer> {
    const answer = await this.#get(`v1/blobs/sha256/${sha256}?agent=${this.#options.agentId}`)
    const bytes = await collected(answer, BLOB_BYTES)
    if (digest('sha256', bytes, 'hex') === sha256) return bytes
    throw new ReceiverReadError('receiver_damaged', `The receiver gives other bytes than ${sha256}.`)
  }

  /** A chain after an event as lines of an export; undefined if no later head is signed. */
  async journal(chainId: string, after: number): Promise<AsyncIterable<Uint8Array> | undefined> {
    const answer = await this.#get(`v1/chains/${chainId}/journal?after=${after}`, 404)
    if (answer.statusCode !== 404) return pieces(answer)
    answer.resume()
    return undefined
  }

  #get(path: string, allowed = 200): Promise<IncomingMessage> {
    const { token, ca, cert, key } = this.#options
    const url = new URL(path, this.#base)
    const headers = { authorization: `Bearer ${token}`, accept: '*/*', 'accept-encoding': 'identity' }
    const shown = cert === undefined || key === undefined ? {} : { cert, key }
    const isPlain = url.protocol === 'http:'
    const make = isPlain ? httpRequest : httpsRequest
    return new Promise((resolve, reject) => {
      const secure = isPlain ? {} : clientTrust({ ...(ca !== undefined && { ca }), ...shown })
      const patient = { timeout: IDLE_MS, autoSelectFamilyAttemptTimeout: ADDRESS_MS, lookup: lookupWithin(NAME_MS) }
      const sent = make(url, { headers, agent: false, ...patient, ...secure })
      sent.on('timeout', () => sent.destroy(new Error('it does not answer')))
      sent.on('error', (error) => reject(new ReceiverReadError('receiver_unreachable', whyUnreached(error))))
      // After an error or an answer this has no effect.
      sent.on('close', () => reject(new ReceiverReadError('receiver_unreachable', 'It speaks another protocol.')))
      sent.on('response', (answer) => {
        const { statusCode = 0 } = answer
        if (statusCode === 200 || statusCode === allowed) return resolve(answer)
        answer.resume()
        const remedy = REMEDIES.get(statusCode)
        const said = `The receiver answers ${statusCode} to ${url.pathname}${remedy === undefined ? '' : `: ${remedy}`}.`
        reject(new ReceiverReadError(statusCode >= 500 ? 'receiver_unreachable' : 'receiver_refuses', said))
      })
      sent.end()
    })
  }
}

/** OpenSSL's message about a certificate names no option. */
function whyUnreached(error: NodeJS.ErrnoException): string {
  const { code = '' } = error
  if (code === 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED')
    return 'It requires a client certificate of its shops: --cert-file and --key-file.'
  const said = messageOf(error)
  return /SELF_SIGNED|UNABLE_TO_/.test(code) ? `${said}: --ca-file names its authority.` : said
}

async function* pieces(answer: IncomingMessage): AsyncGenerator<Uint8Array> {
  try {
    yield* answer as AsyncIterable<Buffer>
  } catch (error) {
    throw new ReceiverReadError('receiver_unreachable', messageOf(error))
  }
}

async function collected(answer: IncomingMessage, most: number): Promise<Buffer> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const piece of pieces(answer)) {
    bytes += piece.length
    if (bytes > most) throw new ReceiverReadError('receiver_damaged', 'The answer of the receiver is too large.')
    parts.push(piece)
  }
  return Buffer.concat(parts)
}

function listOf(value: unknown): readonly Members[] {
  return Array.isArray(value) ? value.map((entry: unknown): Members => members(entry) ?? {}) : []
}
