import type { Dialect } from '../recording/dialect.ts'
import { framedAnswers } from '../rt/framed-answers.ts'
import type { Frame } from './frame.ts'
import { decodeFrame, encodeFrame } from './frame.ts'

const ENQUIRY = '<</?'

export const RCH_DIALECT: Dialect = {
  reads: (sent) => frameIn(sent)?.data.startsWith(ENQUIRY) === true,
  answers: (recorded, heard, asked) => {
    const [former, frame] = [frameIn(recorded), frameIn(asked)]
    if (former === undefined || frame === undefined || former.data !== frame.data) return undefined
    return framedAnswers(heard, (text) => {
      const reply = frameIn(text)
      return reply && encodeFrame({ ...reply, pack: packFor(reply.pack, former, frame) }).toString('latin1')
    })
  },
  // An RT printer has no secret.
  redacted: (text) => text,
}

function frameIn(text: string): Frame | undefined {
  return decodeFrame(Buffer.from(text, 'latin1'))
}

/** The id of a reply follows the command by one of two rules (line.ts); one that follows neither is of another command. */
function packFor(pack: string, former: Frame, frame: Frame): string {
  if (pack === modulo(former.pack)) return modulo(frame.pack)
  return pack === former.pack ? frame.pack : pack
}

function modulo(pack: string): string {
  return String(pack.charCodeAt(0) % 10)
}
