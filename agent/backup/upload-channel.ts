import type { Clock } from '../../base/clock.ts'
import { pause } from '../../base/clock.ts'
import { CodedError } from '../../base/thrown.ts'
import type { Part } from './manifest.ts'

type Answer =
  | { readonly kind: 'missing'; readonly sha256s: readonly string[] }
  | { readonly kind: 'there' | 'absent' | 'unsupported' }
  | { readonly kind: 'trouble'; readonly code: string; readonly message: string; readonly retryAfterMs?: number }

/** The channel for blobs to a target; does not throw for network faults. */
export type BlobChannel = {
  missing(chainId: string, signal: AbortSignal): Promise<Answer>
  has(sha256: string, signal: AbortSignal): Promise<Answer>
  put(sha256: string, bytes: Uint8Array, signal: AbortSignal): Promise<Answer>
}

/** The target does not accept it now. */
export class UploadTroubleError extends CodedError {
  override readonly name = 'UploadTroubleError'
}

export type UploadChannelOptions = {
  target: { readonly channel: BlobChannel; isQuiet(): boolean; has(seq: number): boolean }
  clock: Clock
  signal: AbortSignal
  /** The chain whose event names the manifest. */
  chain: string
}

const QUIET_EVERY_MS = 1000
const QUIET_LOOKS = 600
/** A target that asks for a longer wait is asked again at the next look. */
const WAIT_MOST_MS = 120_000
const TRIES = 4

/** The parts of a backup that a target does not have. */
type Needed = { readonly parts: readonly Part[]; readonly manifest: boolean }

/** Pauses as long as it sends, so that it takes at most half of the line, and lets the events go first. */
export class UploadChannel {
  sentBytes = 0
  readonly #options: UploadChannelOptions

  constructor(options: UploadChannelOptions) {
    this.#options = options
  }

  /** The parts that the target does not have, in order; it is asked for its own list first. Throws UploadTroubleError. */
  async needed(manifest: string, parts: readonly Part[]): Promise<Needed | 'unsupported'> {
    const { target, chain, signal } = this.#options
    const said = await this.#answered(() => target.channel.missing(chain, signal))
    if (said.kind === 'unsupported') return 'unsupported'
    const named = new Set(said.kind === 'missing' ? said.sha256s : [])
    const isNew = named.has(manifest) || !(await this.#isThere(manifest))
    // A target that does not have the manifest cannot name the parts.
    if (!isNew) return { parts: parts.filter(({ sha256 }) => named.has(sha256)), manifest: false }
    const needed: Part[] = []
    for (const part of parts) if (named.has(part.sha256) || !(await this.#isThere(part.sha256))) needed.push(part)
    return { parts: needed, manifest: true }
  }

  async #isThere(sha256: string): Promise<boolean> {
    const { target, signal } = this.#options
    await this.#quiet()
    return (await this.#answered(() => target.channel.has(sha256, signal))).kind === 'there'
  }

  /** Throws UploadTroubleError, and the errors of `read`. */
  async put(sha256: string, read: () => Promise<Uint8Array>): Promise<void> {
    const { target, clock, signal } = this.#options
    await this.#quiet()
    const bytes = await read()
    const beganNs = clock.mono()
    const answer = await this.#answered(() => target.channel.put(sha256, bytes, signal))
    if (answer.kind !== 'there') throw new UploadTroubleError('blobs-unsupported', 'The target takes no blobs.')
    this.sentBytes += bytes.length
    await pause(clock, Number((clock.mono() - beganNs) / 1_000_000n), signal)
  }

  /** Waits until the target has acknowledged that event. Throws UploadTroubleError. */
  acknowledged(seq: number): Promise<void> {
    return this.#until(() => this.#options.target.has(seq))
  }

  /** Waits until the events get through. */
  #quiet(): Promise<void> {
    return this.#until(() => this.#options.target.isQuiet())
  }

  /** Times out after a while, since there may be a newer backup then. */
  async #until(isSo: () => boolean): Promise<void> {
    const { clock, signal } = this.#options
    for (let look = 0; !signal.aborted && !isSo(); look++) {
      if (look === QUIET_LOOKS) throw new UploadTroubleError('events-first', 'The events do not get through.')
      await pause(clock, QUIET_EVERY_MS, signal)
    }
    if (signal.aborted) throw new UploadTroubleError('stopped', 'The agent stops.')
  }

  async #answered(ask: () => Promise<Answer>): Promise<Answer> {
    const { clock, signal } = this.#options
    for (let attempt = 1; ; attempt++) {
      const answer = await ask()
      if (answer.kind !== 'trouble') return answer
      const { code, message, retryAfterMs } = answer
      const waitMs = retryAfterMs ?? 1000 * 2 ** attempt
      if (attempt === TRIES || waitMs > WAIT_MOST_MS || signal.aborted) {
        throw new UploadTroubleError(code, message)
      }
      await pause(clock, waitMs, signal)
    }
  }
}
