import type { Response } from 'express'
import type { Clock } from '../../base/clock.ts'
import { beginLifetime, endLifetime } from '../../base/lifetime.ts'
import type { Log } from '../../base/log.ts'
import { FiskalError } from '../errors.ts'
import type { Application, Change } from '../till/application.ts'
import type { Access } from '../till/requests.ts'
import { headersOf } from './entry.ts'
import type { ReadingTurns } from './reading-turns.ts'

/** Pages that watch at the same time; each costs a connection and reads of the journal. */
const STREAMS_MAX = 64
const STREAMS_OF_KEY_MAX = 16
/** Events looked at in one turn: a stream that resumes far back must not hold up a sale. */
const PORTION = 25
/** The sales of a moment are told together. */
const GATHER_MS = 25
const HEARTBEAT_MS = 15_000
/** A reader that takes nothing for so long is dropped; it resumes where it stood. */
const STALLED_MS = 30_000
const RETRY_MS = 2_000

type Viewer = Access & {
  /** `Last-Event-ID`; undefined: only what is new. */
  after: string | undefined
}

type StreamOptions = { clock: Clock; log: Log; turns: ReadingTurns }

/**
 * Server-sent events (HTML Standard §9.2) from the journal. There is no queue: a stream is a place in the journal, read
 * on as fast as its reader takes it.
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

  /** Throws `rate_limit_exceeded` where too many watch already. */
  serve(viewer: Viewer, res: Response): void {
    const { keyId } = viewer.caller
    const ofKey = [...this.#open].filter((stream) => stream.keyId === keyId).length
    if (this.#open.size >= STREAMS_MAX || ofKey >= STREAMS_OF_KEY_MAX) {
      throw new FiskalError(
        'rate_limit_exceeded',
        'Too many streams are open.',
        { open: this.#open.size },
        { retryAfterSeconds: 5 },
      )
    }
    const stream = new ChangeStream(viewer, res, this.#source, this.#options)
    this.#open.add(stream)
    const life = beginLifetime('stream', () => ({ name: 'events', state: `streaming, ${stream.behind} behind` }))
    res.once('close', () => {
      endLifetime(life)
      stream.stop()
      this.#open.delete(stream)
    })
    stream.begin()
  }

  /** Ends them all in order; their readers come back with `Last-Event-ID`. */
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
  readonly #turns: ReadingTurns
  /** The last event that was looked at, told or not. */
  #at: number
  /** The reader has not taken what was written. */
  #isBlocked = false
  #isOver = false
  #cancelTurn: (() => void) | undefined
  #cancelHeartbeat: (() => void) | undefined
  #cancelStall: (() => void) | undefined
  #unsubscribe: () => void = () => undefined

  constructor(viewer: Viewer, res: Response, source: Application['changes'], options: StreamOptions) {
    this.#viewer = viewer
    this.#res = res
    this.#source = source
    this.#clock = options.clock
    this.#log = options.log
    this.#turns = options.turns
    this.#at = source.head()
  }

  get keyId(): string {
    return this.#viewer.caller.keyId
  }

  /** Events that it has not looked at. */
  get behind(): number {
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
    this.#unsubscribe = this.#source.onChange((unjournalled) => {
      if (unjournalled === undefined) this.#turnAfter(GATHER_MS)
      else if (!this.#isBlocked) this.#write(this.#frame(unjournalled, false))
    })
    this.#res.on('drain', () => {
      this.#isBlocked = false
      this.#cancelStall?.()
      this.#turnAfter(0)
    })
    this.#beat()
    this.#turnAfter(0)
  }

  end(): void {
    this.stop()
    this.#res.end()
  }

  stop(): void {
    this.#isOver = true
    this.#unsubscribe()
    this.#cancelTurn?.()
    this.#cancelHeartbeat?.()
    this.#cancelStall?.()
  }

  #turnAfter(delayMs: number): void {
    if (this.#isOver || this.#isBlocked || this.#cancelTurn !== undefined) return
    if (delayMs > 0) this.#cancelTurn = this.#clock.after(delayMs, () => this.#takeTurn())
    else this.#takeTurn()
  }

  #takeTurn(): void {
    this.#cancelTurn = this.#turns.take(this.keyId, () => {
      this.#cancelTurn = undefined
      this.#turn()
    })
  }

  #turn(): void {
    try {
      const { upTo, changes, revoked } = this.#source.after(this.#viewer, this.#at, PORTION)
      this.#at = upTo
      // Only the last of an event carries its id: a reader that is cut off in between asks for the whole event again.
      const text = changes.map((change, index) => this.#frame(change, changes[index + 1]?.seq !== change.seq)).join('')
      if (text !== '') this.#write(text)
      if (revoked) this.end()
    } catch (error) {
      // Where the journal was given up the agent ends, and that is told where it happened.
      if (!(error instanceof FiskalError)) this.#log.error({ error }, 'a stream of changes was broken off')
      this.end()
      return
    }
    if (this.#at < this.#source.head()) this.#turnAfter(0)
  }

  #write(text: string): void {
    if (this.#isOver || this.#res.write(text)) return
    this.#isBlocked = true
    this.#cancelStall?.()
    this.#cancelStall = this.#clock.after(STALLED_MS, () => this.#res.destroy())
  }

  /** Keeps the place of a reader to whom nothing is told, and lets both ends notice a dead line. */
  #beat(): void {
    this.#cancelHeartbeat = this.#clock.after(HEARTBEAT_MS, () => {
      if (!this.#isBlocked) this.#write(`: still here\n${this.#place()}`)
      this.#beat()
    })
  }

  /** A block without data: the reader notes the place and shows nothing. */
  #place(): string {
    return `id: ${this.#source.placeOf(this.#at)}\n\n`
  }

  #frame({ kind, data, seq }: Change, isLast: boolean): string {
    const id = seq !== undefined && isLast ? `id: ${this.#source.placeOf(seq)}\n` : ''
    return `${id}event: ${kind}\ndata: ${JSON.stringify(data)}\n\n`
  }
}
