import { DeviceError } from '../errors.ts'
import type { Recorder } from '../recording/recorder.ts'
import type { Link } from './link.ts'
import type { LineOptions } from './receiving-link.ts'
import { ReceivingLink } from './receiving-link.ts'

/** Tests only: a line whose other end is a recording. */
export class PlayedLink extends ReceivingLink implements Link {
  readonly #plays: NonNullable<Recorder['plays']>
  #isOpen = false
  protected readonly how = 'recording'

  constructor(options: LineOptions, plays: NonNullable<Recorder['plays']>) {
    super(options)
    this.#plays = plays
  }

  get connected(): boolean {
    return this.#isOpen
  }

  protected async open(): Promise<void> {
    if (this.#isOpen) return
    this.inbox.reset()
    this.#isOpen = true
    // Some hosts speak first.
    this.#receive(this.#plays(new Uint8Array()))
  }

  protected async send(bytes: Uint8Array): Promise<void> {
    if (!this.#isOpen) throw new DeviceError('unavailable', 'none', 'the recording is not open')
    this.#receive(this.#plays(bytes))
  }

  #receive(answers: readonly Uint8Array[]): void {
    for (const answer of answers) this.inbox.push(Buffer.from(answer))
  }

  async check(): Promise<void> {
    // It is never unplugged.
  }

  async look(): Promise<string | undefined> {
    return this.#isOpen ? 'recording' : undefined
  }

  async close(): Promise<void> {
    this.#isOpen = false
    this.inbox.fail('closed')
  }
}
