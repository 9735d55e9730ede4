import { DeviceError } from '../../../drivers/errors.ts'
import type { Dialect } from '../../../drivers/recording/dialect.ts'
import type { Recorder } from '../../../drivers/recording/recorder.ts'

export type Tape = { mark: '>' | '<' | '=' | 'x' | '!'; text: string }[]

/** Records in memory, with secrets as zeros; a look holds back what does more than read. */
export function recording(tape: Tape, dialect: Dialect, isLook: boolean): Recorder {
  return {
    opened: (how) => void tape.push({ mark: '=', text: how }),
    sending: (bytes) => {
      const text = latin1(bytes)
      const isHeldBack = isLook && !dialect.reads(text)
      tape.push({ mark: isHeldBack ? '!' : '>', text: dialect.redacted(text) })
      if (isHeldBack) throw new DeviceError('refused', 'none', 'a look only reads')
    },
    heard: (bytes) => void tape.push({ mark: '<', text: dialect.redacted(latin1(bytes)) }),
    broke: (cause) => void tape.push({ mark: 'x', text: cause }),
  }
}

/** Plays a tape: an answer is found by its question, after the one that was played last. */
export function playing(tape: Tape, dialect: Dialect): Recorder {
  let at = 0
  return {
    ...recording([], dialect, false),
    plays: (sent) => {
      const asked = dialect.redacted(latin1(sent))
      const from = [...tape.keys()]
      for (const index of [...from.slice(at), ...from.slice(0, at)]) {
        const { mark, text } = tape[index] ?? { mark: 'x', text: '' }
        if (mark === '!' && dialect.answers(text, [], asked) !== undefined)
          throw new DeviceError('refused', 'none', 'a look only reads')
        const answers = mark === '>' ? dialect.answers(text, heardAfter(tape, index), asked) : undefined
        if (answers === undefined) continue
        at = index + 1
        return answers.map((answer) => Buffer.from(answer, 'latin1'))
      }
      // A device that speaks first.
      if (asked === '')
        return heardAfter(
          tape,
          tape.findIndex(({ mark }) => mark === '='),
        ).map((text) => Buffer.from(text, 'latin1'))
      throw new DeviceError('refused', 'none', `not in the recording: ${asked}`)
    },
  }
}

function heardAfter(tape: Tape, index: number): readonly string[] {
  const next = tape.findIndex(({ mark }, other) => other > index && mark !== '<')
  return tape.slice(index + 1, next < 0 ? undefined : next).map(({ text }) => text)
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1')
}
