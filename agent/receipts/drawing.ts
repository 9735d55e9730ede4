import { Dialogue, ThrownInChild } from '../../base/child/dialogue.ts'
import { childEnvironment, childFlags } from '../../base/child/flags.ts'
import type { Clock } from '../../base/clock.ts'
import type { ReceiptForm, ReceiptModel, ReceiptQuery } from '../contract/receipt.ts'
import { FiskalError, rateLimited } from '../errors.ts'
import type { DrawingJob, Waiting } from './drawing-queue.ts'
import { DrawingQueue } from './drawing-queue.ts'
import type { RenderedReceipt } from './renderer.ts'
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
/** True for the formats that a child process draws; the others are text, or commands around text. */
const IS_DRAWN: Readonly<Record<ReceiptForm, boolean>> = {
  pdf: true,
  png: true,
  html: false,
  text: false,
  escpos: false,
}

/**
 * Draws PDF and PNG in a child process, which runs only while receipts are drawn: a page takes tens of milliseconds,
 * and no sale waits for it. It draws one receipt at a time, so that a crash affects only that one. The other formats
 * are text and are made here at once.
 */
export class Drawing {
  readonly #clock: Clock
  readonly #renderer = new ReceiptRenderer()
  readonly #queue = new DrawingQueue()
  #child: Dialogue | undefined
  #jobs = 0
  #cancelIdle: (() => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  readonly draw: Draw = (model, form, query, holder) => {
    if (!IS_DRAWN[form]) return this.#renderer.render(model, form, query)
    const evicted = this.#queue.evictFor(holder, model.lines.length)
    for (const { cancel, reject } of evicted ?? []) {
      cancel()
      reject(tooMany())
    }
    if (evicted === undefined) throw tooMany()
    return this.#rendered({ id: ++this.#jobs, model, form, query }, holder)
  }

  close(): void {
    this.#cancelIdle?.()
    for (const { reject, cancel } of this.#queue.takeAll()) {
      cancel()
      reject(new FiskalError('shutting_down', 'The agent is stopping.'))
    }
    void this.#child?.leave()
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
      this.#cancelIdle = this.#clock.after(IDLE_MS, () => void this.#child?.leave())
      return
    }
    next.cancel()
    try {
      const child = this.#started()
      next.cancel = this.#clock.after(LIMIT_MS, () => void child.kill())
      const { model, form, query } = next.job
      child.ask('render', model, form, query).then(
        (rendered) => this.#end(next, () => next.resolve(whole(rendered as RenderedReceipt))),
        (error) => this.#end(next, () => next.reject(reviveError(error))),
      )
    } catch (error) {
      // Most errors of the system are events; rare ones (no memory) are thrown.
      this.#end(next, () => next.reject(error as Error))
    }
  }

  #started(): Dialogue {
    this.#cancelIdle?.()
    this.#cancelIdle = undefined
    this.#child ??= new Dialogue({
      entry: new URL('./drawing-child.ts', import.meta.url),
      name: 'process that draws receipts',
      execArgv: childFlags(64),
      env: childEnvironment(),
      serialization: 'advanced',
      onEnd: () => {
        this.#child = undefined
      },
    })
    this.#child.unref()
    return this.#child
  }

  /** A receipt that is rejected because the process ended can be requested again: the next ones get a new process. */
  #end({ job, cancel }: Waiting, settle: () => void): void {
    // Undefined if the agent is stopping.
    if (this.#queue.take(job.id) === undefined) return
    cancel()
    settle()
    this.#drawNext()
  }
}

function reviveError(error: Error): Error {
  if (!(error instanceof ThrownInChild) || error.name !== 'FiskalError') return error
  const { code, message, details } = error as unknown as FiskalError
  return new FiskalError(code, message, details)
}

function tooMany(): FiskalError {
  return rateLimited('Too many receipts wait to be drawn.', RETRY_AFTER_SECONDS)
}

/** The channel turns a Buffer into a Uint8Array. */
function whole({ body, ...rendered }: RenderedReceipt): RenderedReceipt {
  return { ...rendered, body: typeof body === 'string' ? body : Buffer.from(body) }
}
