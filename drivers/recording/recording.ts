import { createHash } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import { asciiJson, visible } from '../../base/text.ts'
import { DeviceError } from '../errors.ts'
import type { Dialect } from './dialect.ts'
import type { Recorder } from './recorder.ts'
import { isIn } from './secret-field.ts'

/** The members before the lines, in their order. */
export type RecordingHead = {
  level: 'look' | 'test unit'
  driver: string
  /** A capture has bytes that someone else recorded. */
  from: 'device' | 'capture'
  firmware: string
  time: string
  program: string
  model?: string | undefined
  by?: string | undefined
}

export const FORM = 'recording: 1'

/** Sent, received, line opened, line broken, held back, and what a person may read. */
export type Sign = '>' | '<' | '=' | 'x' | '!' | '#'

const HELD_BACK = 'held_back'
/** A hundred times the largest recording: a device that floods the line must not fill the memory. */
const HEARD_MOST_BYTES = 16 * 1_048_576
/** An absolute path: it may name users, shops and machines. */
const PATH = /(?<![\w/.:])(?:\/[\w.+:@-]+){2,}/g

/**
 * The bytes of a line as text: `> 12 "…"` has the milliseconds since the beginning, and the bytes as an ASCII JSON
 * string. Secrets are zeros of the same length before a line of it exists.
 */
export class Recording implements Recorder {
  readonly #dialect: Dialect
  readonly #clock: Pick<Clock, 'mono'>
  readonly #begun: bigint
  readonly #secrets = new Set<string>()
  #lines: string[] = []
  #heardBytes = 0
  /** Received since the last sent bytes: a secret may come in two pieces. */
  #pieces: { ms: number; text: string }[] = []
  #isLook = true
  #hasSecret = false
  /** All texts so far: a secret may be read after the device has sent it. */
  readonly #texts: string[] = []
  #write: ((text: string) => void) | undefined
  readonly #digest = createHash('sha256')

  constructor(dialect: Dialect, clock: Pick<Clock, 'mono'>) {
    this.#dialect = dialect
    this.#clock = clock
    this.#begun = clock.mono()
  }

  opened(how: string): void {
    this.#add('=', withoutPaths(how))
  }

  sending(bytes: Uint8Array): void {
    const text = textOf(bytes)
    const isHeld = this.#isLook && !this.#dialect.reads(text)
    this.#add(isHeld ? '!' : '>', this.#dialect.redacted(text))
    if (isHeld) throw heldBack('held back: a look only reads')
  }

  heard(bytes: Uint8Array): void {
    const isKept = this.#heardBytes <= HEARD_MOST_BYTES
    this.#heardBytes += bytes.length
    if (this.#heardBytes <= HEARD_MOST_BYTES) this.#pieces.push({ ms: this.#ms(), text: textOf(bytes) })
    else if (isKept) this.broke('the device sends without an end: the rest is not recorded')
  }

  broke(cause: string): void {
    this.#add('x', withoutPaths(cause))
  }

  readonly say = (words: string): void => {
    this.#settle()
    this.#keep(`# ${shownWords(words)}`, words)
  }

  /** From here on nothing is held back. */
  allowEffects(): void {
    this.#isLook = false
  }

  /** No file is written if it would contain one. */
  hide(secret: string): void {
    // Zeros are what it would become.
    if (/^0*$/.test(secret) || this.#secrets.has(secret)) return
    this.#settle()
    this.#secrets.add(secret)
    this.#hasSecret ||= this.#texts.some((text) => isIn(text, secret))
  }

  /** True if a secret that was hidden is in it as a whole field: no line from there on is passed on. */
  get hasSecret(): boolean {
    this.#settle()
    return this.#hasSecret
  }

  /** Passes on everything so far, and from then on each line. */
  passTo(head: RecordingHead, write: (text: string) => void): void {
    this.#settle()
    const members = Object.entries(head).filter(([, value]) => value !== undefined)
    const first = [FORM, ...members.map(([name, value]) => `${name}: ${visible(String(value))}`), '', ...this.#lines]
    this.#lines = []
    this.#write = write
    this.#pass(`${first.join('\n')}\n`)
  }

  /** After the last line: shows that nothing was cut or changed. */
  end(): void {
    this.#settle()
    if (!this.#hasSecret) this.#write?.(`end: ${this.#digest.digest('hex')}\n`)
  }

  #add(sign: Sign, text: string): void {
    this.#settle()
    this.#keep(`${sign} ${this.#ms()} ${asciiJson(text)}`, text)
  }

  /** Redacts the received pieces as one text, and cuts it at the same places. */
  #settle(): void {
    const pieces = this.#pieces
    if (pieces.length === 0) return
    this.#pieces = []
    const whole = this.#dialect.redacted(pieces.map(({ text }) => text).join(''))
    this.#note(whole)
    let at = 0
    for (const { ms, text } of pieces) {
      this.#keep(`< ${ms} ${asciiJson(whole.slice(at, at + text.length))}`, '')
      at += text.length
    }
  }

  #keep(line: string, text: string): void {
    this.#note(text)
    if (this.#write === undefined) this.#lines.push(line)
    else this.#pass(`${line}\n`)
  }

  #note(text: string): void {
    this.#texts.push(text)
    this.#hasSecret ||= [...this.#secrets].some((secret) => isIn(text, secret))
  }

  #pass(text: string): void {
    if (this.#hasSecret) return
    this.#digest.update(text)
    this.#write?.(text)
  }

  #ms(): number {
    return Number((this.#clock.mono() - this.#begun) / 1_000_000n)
  }
}

/** Words as a file has them: on one line, without paths. */
export function shownWords(words: string): string {
  return visible(withoutPaths(words))
}

/** The refusal of a look itself. */
export function heldBack(message: string): DeviceError {
  return new DeviceError('refused', 'none', message, HELD_BACK)
}

/** True for the words of a step that the device did not answer; "no such data" is an answer. */
export function isUnanswered(words: string): boolean {
  return words.startsWith('  refused: ') && !words.endsWith(HELD_BACK) && words !== '  refused: no_data'
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1')
}

function withoutPaths(text: string): string {
  return text.replace(PATH, (path) => `…/${path.slice(path.lastIndexOf('/') + 1)}`)
}
