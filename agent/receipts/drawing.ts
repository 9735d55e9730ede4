import type { ChildProcess } from 'node:child_process'
import { fork } from 'node:child_process'
import type { Clock } from '../../drivers/ports/clock.ts'
import { childEnvironment, childFlags } from '../child/flags.ts'
import type { ReceiptModel, ReceiptQuery } from '../contract/receipt.ts'
import { FiskalError } from '../errors.ts'
import type { DrawingAnswer, DrawingJob } from './drawing-child.ts'
import type { ReceiptForm, RenderedReceipt } from './renderer.ts'
import { ReceiptRenderer } from './renderer.ts'

/** Gives a receipt its form; a picture or a page is drawn elsewhere. Throws `invalid_request`, `rate_limit_exceeded`. */
export type Draw = (
  model: ReceiptModel,
  form: ReceiptForm,
  query: ReceiptQuery,
) => RenderedReceipt | Promise<RenderedReceipt>

type Waiting = { resolve(rendered: RenderedReceipt): void; reject(error: Error): void; cancel(): void }

const WAITING_MAX = 64
/** The first one loads libraries and fonts. */
const LIMIT_MS = 20_000
/** A till that lets its receipts be drawn asks again soon; one that does not pays for nothing. */
const IDLE_MS = 60_000

/**
 * Draws PDF and PNG in a process of its own, which is there only while receipts are drawn: a page takes tens of
 * milliseconds, and no sale waits for it. The other forms are text, made here and at once.
 */
export class Drawing {
  readonly #clock: Clock
  readonly #renderer = new ReceiptRenderer()
  readonly #waiting = new Map<number, Waiting>()
  #child: ChildProcess | undefined
  #jobs = 0
  #cancelIdle: (() => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  readonly draw: Draw = (model, form, query) => {
    if (form !== 'pdf' && form !== 'png') return this.#renderer.render(model, form, query)
    if (this.#waiting.size >= WAITING_MAX)
      throw new FiskalError(
        'rate_limit_exceeded',
        `${WAITING_MAX} receipts wait to be drawn.`,
        {},
        { retryAfterSeconds: 1 },
      )
    return this.#drawn({ id: ++this.#jobs, model, form, query })
  }

  close(): void {
    this.#cancelIdle?.()
    this.#end(this.#child, new FiskalError('shutting_down', 'The agent is stopping.'))
  }

  #drawn(job: DrawingJob): Promise<RenderedReceipt> {
    return new Promise((resolve, reject) => {
      const child = this.#started()
      const cancel = this.#clock.after(LIMIT_MS, () => child.kill('SIGKILL'))
      this.#waiting.set(job.id, { resolve, reject, cancel })
      child.send(job)
    })
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
    const died = () => this.#end(child, new Error('the process that draws receipts ended'))
    // Not once: a refused process has a second error, that of what was sent to it, and one that nobody hears ends the agent.
    child.on('error', died)
    child.once('exit', died)
    child.unref()
    child.channel?.unref()
    this.#child = child
    return child
  }

  #take(child: ChildProcess, answer: DrawingAnswer): void {
    const one = this.#waiting.get(answer.id)
    this.#waiting.delete(answer.id)
    one?.cancel()
    if ('rendered' in answer) one?.resolve({ ...answer.rendered, body: bytesOf(answer.rendered.body) })
    else if ('refusal' in answer) {
      const { code, message, details } = answer.refusal
      one?.reject(new FiskalError(code, message, details))
    } else one?.reject(new Error(answer.failure))
    if (this.#waiting.size === 0) this.#cancelIdle = this.#clock.after(IDLE_MS, () => this.#end(child))
  }

  /** Whoever still waits is told: the receipt can be asked for again. */
  #end(child: ChildProcess | undefined, reason: Error = new Error('the process that draws receipts was idle')): void {
    if (child === undefined || child !== this.#child) return
    this.#child = undefined
    if (child.connected) child.disconnect()
    for (const { reject, cancel } of this.#waiting.values()) {
      cancel()
      reject(reason)
    }
    this.#waiting.clear()
  }
}

/** A Buffer crosses as its bytes. */
function bytesOf(body: string | Uint8Array): string | Buffer {
  return typeof body === 'string' ? body : Buffer.from(body)
}
