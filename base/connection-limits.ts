import { closeSync, openSync, readFileSync } from 'node:fs'
import type { Server, Socket } from 'node:net'
import type { Clock } from './clock.ts'
import { monoMs } from './clock.ts'
import type { Log } from './log.ts'
import { codeOf } from './thrown.ts'

const AGAIN_MS = 60_000
const LOOK_MS = 1_000
/** Free file numbers below which the limit may be reached by something else than a connection. */
const NEAR = 16
const OPEN_FILES = 'open files'

type Options = {
  readonly clock: Clock
  readonly log: Pick<Log, 'warn'>
  /** The limit for open files; that of this process if omitted, undefined if the kernel shows none. */
  readonly filesMax?: number | undefined
}

/**
 * Connections that are refused at a limit: one line a minute for each limit, with it. A client sees only a connection
 * that ends. At the limit for open files the event loop accepts and closes connections without any event (libuv), so the
 * file number of each new connection is compared with the limit.
 */
export class ConnectionLimits {
  readonly #options: Options
  readonly #filesMax: number | undefined
  readonly #reportedMs = new Map<string, number>()
  #cancelCheck: (() => void) | undefined

  constructor(options: Options) {
    this.#options = options
    this.#filesMax = 'filesMax' in options ? options.filesMax : openFilesMax()
  }

  /** `what` and `most`: the limit of this server for connections, if it has one. */
  watch(server: Server, what?: string, most?: number): void {
    if (what !== undefined && most !== undefined) server.on('drop', () => this.report(what, most))
    server.on('connection', (socket) => this.#checkNumberOf(socket))
  }

  report(what: string, most: number): void {
    const nowMs = monoMs(this.#options.clock)
    if (nowMs - (this.#reportedMs.get(what) ?? Number.NEGATIVE_INFINITY) < AGAIN_MS) return
    this.#reportedMs.set(what, nowMs)
    this.#options.log.warn({ count: most }, `connections are refused at a limit: ${most} ${what}`)
  }

  close(): void {
    this.#cancelCheck?.()
    this.#cancelCheck = undefined
  }

  /** A new file gets the lowest free number. */
  #checkNumberOf(socket: Socket & { _handle?: { fd?: number } | null }): void {
    const number = socket._handle?.fd
    if (number !== undefined && this.#isNear(number) && this.#cancelCheck === undefined) this.#checkFreeNumbers()
  }

  /** Again while few numbers are free: what takes the last one may be no connection. */
  #checkFreeNumbers(): void {
    this.#cancelCheck = undefined
    const number = nextFileNumber()
    if (number === undefined) this.report(OPEN_FILES, this.#filesMax ?? 0)
    else if (!this.#isNear(number)) return
    this.#cancelCheck = this.#options.clock.after(LOOK_MS, () => this.#checkFreeNumbers())
  }

  #isNear(number: number): boolean {
    return this.#filesMax !== undefined && number >= this.#filesMax - NEAR
  }
}

/** Undefined if no file can be opened. */
function nextFileNumber(): number | undefined {
  try {
    const number = openSync('/dev/null', 'r')
    closeSync(number)
    return number
  } catch (error) {
    return codeOf(error) === 'EMFILE' ? undefined : 0
  }
}

/** Node raises the soft limit to the hard one at its start (proc(5), limits). */
function openFilesMax(): number | undefined {
  try {
    const limit = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]
    return limit === undefined ? undefined : Number(limit)
  } catch {
    return undefined
  }
}
