import { DeviceError } from '../../drivers/errors.ts'
import type { Dialect } from '../../drivers/recording/dialect.ts'
import type { Recorder } from '../../drivers/recording/recorder.ts'
import { heldBack } from '../../drivers/recording/recording.ts'
import type { RecordedLine } from './recording-text.ts'

type Exchange = { sent: string; isHeld: boolean; heard: string[] }

/**
 * Plays a recording as a device. An answer is found by its question, from the last one on, then from the beginning: a
 * driver may ask in another order, and more often.
 */
export class Player implements Recorder {
  readonly #dialect: Dialect
  readonly #exchanges: readonly Exchange[]
  #at = -1

  constructor(dialect: Dialect, lines: readonly RecordedLine[]) {
    this.#dialect = dialect
    this.#exchanges = exchangesIn(lines)
  }

  readonly opened = (): void => undefined
  readonly sending = (): void => undefined
  readonly heard = (): void => undefined
  readonly broke = (): void => undefined

  readonly plays = (sent: Uint8Array): readonly Uint8Array[] =>
    this.#answers(Buffer.from(sent).toString('latin1')).map((text) => Buffer.from(text, 'latin1'))

  #answers(sent: string): readonly string[] {
    // What came before the first question.
    if (sent === '') return this.#exchanges[0]?.sent === '' ? this.#exchanges[0].heard : []
    const asked = this.#dialect.redacted(sent)
    const count = this.#exchanges.length
    for (let step = 1; step <= count; step += 1) {
      const index = (this.#at + step) % count
      const exchange = this.#exchanges[index]
      const answers = exchange && this.#dialect.answers(exchange.sent, exchange.heard, asked)
      if (answers === undefined) continue
      this.#at = index
      if (exchange?.isHeld === true) throw heldBack('held back')
      return answers
    }
    throw new DeviceError('refused', 'none', 'the question is not in the recording', 'not_recorded')
  }
}

function exchangesIn(lines: readonly RecordedLine[]): readonly Exchange[] {
  const exchanges: Exchange[] = []
  for (const { sign, text } of lines) {
    if (sign === '>' || sign === '!') exchanges.push({ sent: text, isHeld: sign === '!', heard: [] })
    if (sign !== '<') continue
    if (exchanges.length === 0) exchanges.push({ sent: '', isHeld: false, heard: [] })
    exchanges.at(-1)?.heard.push(text)
  }
  return exchanges
}
