import type { Response } from 'express'
import type { Clock } from '../../base/clock.ts'
import { every } from '../../base/clock.ts'
import { beginLifetime, endLifetime } from '../../base/lifetime.ts'
import type { Log } from '../../base/log.ts'
import { FiskalError, rateLimited } from '../errors.ts'
import type { Application, Change } from '../till/application.ts'
import type { Access } from '../till/requests.ts'
import { headersOf } from './entry.ts'
import type { ReadQueue } from './read-queue.ts'

/** Pages that watch at the same time; each costs a connection and reads of the journal. */
const STREAMS_MAX = 64
const STREAMS_OF_KEY_MAX = 16
/** Events read at a time: a stream that resumes far back must not delay a sale. */
const PORTION = 25
/** Events of the same moment are sent together. */
const GATHER_MS = 25
const HEARTBEAT_MS = 15_000
/** A reader that takes nothing for so long is disconnected; it resumes from its last event. */
const STALLED_MS = 30_000
const RETRY_MS = 2_000

type Viewer = Access & {
  /** `Last-Event-ID`; undefined: only what is new. */
  after: string | undefined
  /** False: ends after the events that exist. */
  follows: boolean
}

type StreamOptions = { clock: Clock; log: Log; reads: ReadQueue }

/**
 * Server-sent events (HTML Standard §9.2) from the journal. Nothing is queued: a stream is a position in the journal,
 * which advances as fast as its reader takes the events.
 */
export class ChangeStreams {
  readonly #source: Application['changes']
  readonly #options: StreamOptions
  readonly #open = new Set<ChangeStream>()

  constructor(source: Application['changes'], options: StreamOptions) {
    this.#source = source
    this.#options = options
  }

  get size(): number {
    return this.#open.size
  }

  /** Throws `rate_limit_exceeded` if too many streams are open. */
  serve(viewer: Viewer, res: Response): void {
    const { keyId } = viewer.caller
    const ofKey = [...this.#open].filter((stream) => stream.keyId === keyId).length
    if (this.#open.size >= STREAMS_MAX || ofKey >= STREAMS_OF_KEY_MAX) {
      throw rateLimited('Too many streams are open.', 5, { open: this.#open.size })
    }
    const stream = new ChangeStream(viewer, res, this.#source, this.#options)
    this.#open.add(stream)
    const life = beginLifetime('stream', () => ({ name: 'events', state: `streaming, ${stream.lag} behind` }))
    // A reader that shuts its sending side has left: a closed tab of a browser looks the same until the next write.
    const { socket } = res.req
    const leave = (): void => stream.end()
    socket.once('end', leave)
    res.once('close', () => {
      endLifetime(life)
      socket.off('end', leave)
      stream.stop()
      this.#open.delete(stream)
    })
    stream.begin()
    if (socket.readableEnded) leave()
  }

  /** Ends all streams properly; their readers reconnect with `Last-Event-ID`. */
  close(): void {
    for (const stream of this.#open) stream.end()
  }
}

class ChangeStream {
  readonly #viewer: Viewer
  readonly #res: Response
  readonly #source: Application['changes']
  readonly #clock: Clock
  readonly #log: Log
  readonly #reads: ReadQueue
  /** The last event that was read, sent or not. */
  #at: number
  /** The stream ends after this event. */
  #last = Number.POSITIVE_INFINITY
  /** The reader has not taken what was written. */
  #isBlocked = false
  #isOver = false
  #cancelRead: (() => void) | undefined
  #cancelHeartbeat: (() => void) | undefined
  #cancelStall: (() => void) | undefined
  #unsubscribe: () => void = () => undefined

  constructor(viewer: Viewer, res: Response, source: Application['changes'], options: StreamOptions) {
    this.#viewer = viewer
    this.#res = res
    this.#source = source
    this.#clock = options.clock
    this.#log = options.log
    this.#reads = options.reads
    this.#at = source.head()
  }

  get keyId(): string {
    return this.#viewer.caller.keyId
  }

  /** Events that it has not read. */
  get lag(): number {
    return this.#source.head() - this.#at
  }

  begin(): void {
    const head = this.#source.head()
    this.#res.writeHead(200, headersOf(this.#res, { 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' }))
    this.#write(`retry: ${RETRY_MS}\n\n`)
    const wanted = this.#viewer.after === undefined ? head : this.#source.seqOf(this.#viewer.after)
    this.#at = wanted ?? head
    if (wanted === undefined)
      this.#write(this.#frame({ kind: 'reset', data: { seq: head, id: '', state: null }, seq: head }, true))
    else this.#write(this.#place())
    this.#res.on('drain', () => {
      this.#isBlocked = false
      this.#cancelStall?.()
      this.#readAfter(0)
    })
    if (this.#viewer.follows) this.#follow()
    else this.#last = head
    this.#readAfter(0)
  }

  #follow(): void {
    this.#unsubscribe = this.#source.onChange((unjournalled) => {
      if (unjournalled === undefined) this.#readAfter(GATHER_MS)
      else if (!this.#isBlocked) this.#write(this.#frame(unjournalled, false))
    })
    // Updates the position of a reader that gets no events, and lets both ends detect a dead connection.
    this.#cancelHeartbeat = every(this.#clock, HEARTBEAT_MS, () => {
      if (!this.#isBlocked) this.#write(`: still here\n${this.#place()}`)
    })
  }

  end(): void {
    this.stop()
    this.#res.end()
  }

  stop(): void {
    this.#isOver = true
    this.#unsubscribe()
    this.#cancelRead?.()
    this.#cancelHeartbeat?.()
    this.#cancelStall?.()
  }

  #readAfter(delayMs: number): void {
    if (this.#isOver || this.#isBlocked || this.#cancelRead !== undefined) return
    if (delayMs > 0) this.#cancelRead = this.#clock.after(delayMs, () => this.#queueRead())
    else this.#queueRead()
  }

  #queueRead(): void {
    this.#cancelRead = this.#reads.take(this.keyId, () => {
      this.#cancelRead = undefined
      this.#read()
    })
  }

  #read(): void {
    if (this.#at >= this.#last) {
      this.end()
      return
    }
    try {
      const { upTo, changes, revoked } = this.#source.after(this.#viewer, this.#at, PORTION)
      this.#at = upTo
      // Only the last change of an event carries its id: a reader that is cut off in between requests the whole event
      // again.
      const text = changes.map((change, index) => this.#frame(change, changes[index + 1]?.seq !== change.seq)).join('')
      // A stream that ends has no heartbeat that would bring its place to a reader who got no events.
      const place = upTo >= this.#last && changes.at(-1)?.seq !== upTo ? this.#place() : ''
      if (text + place !== '') this.#write(text + place)
      if (revoked) this.end()
    } catch (error) {
      // A journal that fails ends the agent, which logs the reason.
      if (!(error instanceof FiskalError)) this.#log.error({ error }, 'a stream of changes was broken off')
      this.end()
      return
    }
    if (this.#at < this.#source.head() || this.#at >= this.#last) this.#readAfter(0)
  }

  #write(text: string): void {
    if (this.#isOver || this.#res.write(text)) return
    this.#isBlocked = true
    this.#cancelStall?.()
    this.#cancelStall = this.#clock.after(STALLED_MS, () => this.#res.destroy())
  }

  /** A block without data: the reader stores the position and dispatches nothing. */
  #place(): string {
    return `id: ${this.#source.placeOf(this.#at)}\n\n`
  }

  #frame({ kind, data, seq }: Change, isLast: boolean): string {
    const id = seq !== undefined && isLast ? `id: ${this.#source.placeOf(seq)}\n` : ''
    return `${id}event: ${kind}\ndata: ${JSON.stringify(data)}\n\n`
  }
}
