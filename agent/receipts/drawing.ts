import type { ChildProcess } from 'node:child_process'
import { fork } from 'node:child_process'
import { childEnvironment, childFlags } from '../../base/child/flags.ts'
import type { Clock } from '../../base/clock.ts'
import type { ReceiptModel, ReceiptQuery } from '../contract/receipt.ts'
import { FiskalError, rateLimited } from '../errors.ts'
import type { DrawingAnswer, DrawingJob } from './drawing-child.ts'
import { DrawingQueue } from './drawing-queue.ts'
import type { ReceiptForm, RenderedReceipt } from './renderer.ts'
import { ReceiptRenderer } from './renderer.ts'

/**
 * Renders a receipt; a child process draws pictures and pages. `holder`: the key of the request. Throws
 * `invalid_request`, `rate_limit_exceeded`.
 */
export type Draw = (
  model: ReceiptModel,
  form: ReceiptForm,
  query: ReceiptQuery,
  holder: string,
) => RenderedReceipt | Promise<RenderedReceipt>

/** For the wait, and again for the drawing: the first receipt loads libraries and fonts. */
const LIMIT_MS = 20_000
/** A till that needs drawn receipts requests the next one soon; others do not need the process. */
const IDLE_MS = 60_000
const RETRY_AFTER_SECONDS = 1

/**
 * Draws PDF and PNG in a child process, which runs only while receipts are drawn: a page takes tens of milliseconds,
 * and no sale waits for it. It draws one receipt at a time, so that a crash affects only that one. The other formats
 * are text and are made here at once.
 */
export class Drawing {
  readonly #clock: Clock
  readonly #renderer = new ReceiptRenderer()
  readonly #queue = new DrawingQueue()
  #child: ChildProcess | undefined
  #jobs = 0
  #cancelIdle: (() => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  readonly draw: Draw = (model, form, query, holder) => {
    if (form !== 'pdf' && form !== 'png') return this.#renderer.render(model, form, query)
    const left = this.#queue.evictFor(holder, model.lines.length)
    for (const { cancel, reject } of left ?? []) {
      cancel()
      reject(tooMany())
    }
    if (left === undefined) throw tooMany()
    return this.#rendered({ id: ++this.#jobs, model, form, query }, holder)
  }

  close(): void {
    this.#cancelIdle?.()
    for (const { reject, cancel } of this.#queue.takeAll()) {
      cancel()
      reject(new FiskalError('shutting_down', 'The agent is stopping.'))
    }
    this.#end(this.#child)
  }

  #rendered(job: DrawingJob, holder: string): Promise<RenderedReceipt> {
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.after(LIMIT_MS, () => {
        this.#queue.take(job.id)
        reject(tooMany())
      })
      this.#queue.add({ holder, job, resolve, reject, cancel })
      if (this.#queue.drawn === undefined) this.#drawNext()
    })
  }

  #drawNext(): void {
    const next = this.#queue.next()
    if (next === undefined) {
      this.#cancelIdle = this.#clock.after(IDLE_MS, () => this.#end(this.#child))
      return
    }
    next.cancel()
    try {
      const child = this.#started()
      next.cancel = this.#clock.after(LIMIT_MS, () => {
        child.kill('SIGKILL')
        this.#died(child)
      })
      // A child that could not start (no free descriptors) has no channel; its error event follows.
      if (child.connected) child.send(next.job)
    } catch (error) {
      // Most errors of the system are events; rare ones (no memory) are thrown.
      this.#fail(error as Error)
    }
  }

  #started(): ChildProcess {
    this.#cancelIdle?.()
    this.#cancelIdle = undefined
    if (this.#child !== undefined) return this.#child
    const child = fork(new URL('./drawing-child.ts', import.meta.url), [], {
      execArgv: childFlags(64),
      env: childEnvironment(),
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      serialization: 'advanced',
    })
    child.on('message', (answer: DrawingAnswer) => this.#take(child, answer))
    // Not once: a child that could not start emits a second error for the sent job, and an unhandled one ends the
    // agent.
    child.on('error', (error) => this.#died(child, error))
    child.once('exit', () => this.#died(child))
    child.unref()
    child.channel?.unref()
    this.#child = child
    return child
  }

  #take(child: ChildProcess, answer: DrawingAnswer): void {
    // An answer of a previous child.
    if (child !== this.#child) return
    const one = this.#queue.take(answer.id)
    one?.cancel()
    if ('rendered' in answer) one?.resolve({ ...answer.rendered, body: bytesOf(answer.rendered.body) })
    else if ('refusal' in answer) {
      const { code, message, details } = answer.refusal
      one?.reject(new FiskalError(code, message, details))
    } else one?.reject(new Error(answer.failure))
    this.#drawNext()
  }

  /** Rejects the current receipt, which can be requested again. The next ones get a new child. */
  #died(child: ChildProcess, error = new Error('the process that draws receipts ended')): void {
    if (this.#end(child)) this.#fail(error)
  }

  #fail(error: Error): void {
    const { drawn } = this.#queue
    if (drawn === undefined) return
    this.#queue.take(drawn.job.id)
    drawn.cancel()
    drawn.reject(error)
    this.#drawNext()
  }

  /** True if it was the current child. */
  #end(child: ChildProcess | undefined): boolean {
    if (child === undefined || child !== this.#child) return false
    this.#child = undefined
    if (child.connected) child.disconnect()
    return true
  }
}

function tooMany(): FiskalError {
  return rateLimited('Too many receipts wait to be drawn.', RETRY_AFTER_SECONDS)
}

/** The channel turns a Buffer into a Uint8Array. */
function bytesOf(body: string | Uint8Array): string | Buffer {
  return typeof body === 'string' ? body : Buffer.from(body)
}
