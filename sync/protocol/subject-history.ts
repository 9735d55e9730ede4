import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { JetStreamManager, JsMsg, StoredMsg } from '@nats-io/jetstream'
import type { Batch } from './envelope.ts'
import { decodeBatch, EnvelopeError, WIRE_LIMITS } from './envelope.ts'
import { ENCODING_HEADER } from './stream-subject.ts'

const decompress = promisify(gunzip)
/** A stream sequence has at most 53 bits here. */
const SEARCH_STEPS = 60
/** The most that are taken at once: other chains wait for them, and a slow store needs ten seconds. */
const MESSAGES_MOST = 1000

/** There are more messages than one call returns: the caller continues from the next event. */
export class MessagesLeftError extends Error {
  override readonly name = 'MessagesLeftError'
}

type Message = Pick<JsMsg, 'subject' | 'seq' | 'data' | 'headers'>

/** The batch of a message. Throws EnvelopeError. */
export async function batchOf({ data, headers }: Pick<Message, 'data' | 'headers'>): Promise<Batch> {
  if (headers?.get(ENCODING_HEADER) !== 'gzip') return decodeBatch(data)
  const text = await decompress(data, { maxOutputLength: WIRE_LIMITS.maxDecodedBytes }).catch(() => {
    throw new EnvelopeError('malformed', 'The message is not gzip, or too large.')
  })
  return decodeBatch(text)
}

/**
 * The messages of one subject in a stream, with or without wildcards, even if a consumer has received them. Throws the
 * server's error.
 */
export class SubjectHistory {
  readonly #manager: JetStreamManager
  readonly #stream: string

  constructor(manager: JetStreamManager, stream: string) {
    this.#manager = manager
    this.#stream = stream
  }

  /** Greater than the sequence of every present message. */
  async end(): Promise<number> {
    return (await this.#manager.streams.info(this.#stream)).state.last_seq + 1
  }

  first(subject: string): Promise<Message | undefined> {
    return this.#at(subject, 1)
  }

  async last(subject: string): Promise<Message | undefined> {
    return messageOf(await this.#manager.streams.getMessage(this.#stream, { last_by_subj: subject }))
  }

  /**
   * From the message with event `seq` of the chain on, up to the one before stream sequence `end`. Throws
   * MessagesLeftError if they are more than the limit.
   */
  async *from(subject: string, seq: number, end: number): AsyncGenerator<Message> {
    let next = await this.#placeOf(subject, seq, end)
    for (let count = 0; count < MESSAGES_MOST; count++) {
      const message = await this.#at(subject, next)
      if (message === undefined || message.seq >= end) return
      yield message
      next = message.seq + 1
    }
    const after = await this.#at(subject, next)
    if (after !== undefined && after.seq < end) throw new MessagesLeftError('More messages are taken in the next go.')
  }

  /** Binary search: messages of a subject are in the order of its events. */
  async #placeOf(subject: string, seq: number, end: number): Promise<number> {
    let low = 1
    let high = end - 1
    for (let step = 0; step < SEARCH_STEPS && low < high; step++) {
      const middle = Math.floor((low + high) / 2)
      const message = await this.#at(subject, middle)
      if (message === undefined || message.seq > high) high = middle
      else if ((await batchOf(message)).last < seq) low = message.seq + 1
      else high = middle
    }
    return low
  }

  async #at(subject: string, seq: number): Promise<Message | undefined> {
    // The client's types permit one of the two members at a time, the server both.
    const query = { seq, next_by_subj: subject }
    return messageOf(await this.#manager.streams.getMessage(this.#stream, query))
  }
}

function messageOf(stored: StoredMsg | null): Message | undefined {
  return stored === null
    ? undefined
    : { subject: stored.subject, seq: stored.seq, data: stored.data, headers: stored.header }
}
