import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { ZERO_HASH } from '../../sync/protocol/chain-hash.ts'
import { batchLine, endLine, eventLine } from '../../sync/protocol/envelope.ts'
import { registrationDocument } from '../../sync/source.ts'
import type { MemoryJournal } from './memory-journal.ts'

/** The lines of a batch with the events `first` to `last` of a journal. */
export function batchText(journal: MemoryJournal, first: number, last: number): Buffer {
  const { chainId: chain, epoch } = journal.chain
  const prev = journal.hashAt(first - 1) ?? ZERO_HASH
  const head = journal.hashAt(last) ?? ZERO_HASH
  const events = journal.events.slice(first - 1, last).map(eventLine)
  const lines = [
    batchLine({ chain, epoch, first, last, prev }),
    ...events,
    endLine(last, head, journal.checkpoint(last, head)),
  ]
  return Buffer.from(lines.join(''))
}

export type Reply = { status: number; headers: Headers; body: Record<string, unknown> }

/** A sender of another make. */
export class Wire {
  readonly #url: string
  readonly token: string

  constructor(url: string, token: string) {
    this.#url = url
    this.token = token
  }

  async call(
    method: string,
    path: string,
    body?: Uint8Array | string,
    headers: Record<string, string> = {},
  ): Promise<Reply> {
    const answer = await fetch(`${this.#url}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.token}`, ...headers },
      ...(body !== undefined && { body: Buffer.from(body) }),
    })
    const text = await answer.text()
    const json =
      /json\b/.test(answer.headers.get('content-type') ?? '') &&
      !/ndjson/.test(answer.headers.get('content-type') ?? '')
    return { status: answer.status, headers: answer.headers, body: json && text !== '' ? JSON.parse(text) : { text } }
  }

  register(journal: MemoryJournal): Promise<Reply> {
    const { chainId } = journal.chain
    const headers = { 'content-type': 'application/json', 'if-none-match': '*' }
    return this.call('PUT', `/v1/chains/${chainId}`, JSON.stringify(registrationDocument(journal.chain)), headers)
  }

  events(chainId: string, text: Uint8Array, more: Record<string, string> = {}): Promise<Reply> {
    const headers = { 'content-type': 'application/x-ndjson', 'content-digest': contentDigest(text), ...more }
    return this.call('POST', `/v1/chains/${chainId}/events`, text, headers)
  }

  zipped(chainId: string, text: Uint8Array): Promise<Reply> {
    return this.events(chainId, gzipSync(text), { 'content-encoding': 'gzip' })
  }
}

export function contentDigest(bytes: Uint8Array): string {
  return `sha-256=:${createHash('sha256').update(bytes).digest('base64')}:`
}
