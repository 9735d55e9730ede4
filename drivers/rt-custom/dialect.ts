import type { Dialect } from '../recording/dialect.ts'
import { framedAnswers } from '../rt/framed-answers.ts'
import type { CustomFrame } from './frame.ts'
import { ACK, decodeFrame, encodeFrame } from './frame.ts'

/** The enquiries of the driver that change nothing in the printer; 1513 waits for a transmission. */
const READING: ReadonlySet<string> = new Set([
  ...['1001', '1003', '1012', '1015', '1016', '1017', '1104', '1109', '1115'],
  ...['1511', '1514', '1515', '1529', '8004', '8006'],
])
const ACKNOWLEDGED = String.fromCharCode(ACK)

export const CUSTOM_DIALECT: Dialect = {
  reads: (sent) => sent === ACKNOWLEDGED || READING.has(frameIn(sent)?.body.slice(0, 4) ?? ''),
  answers: (recorded, heard, asked) => {
    if (asked === ACKNOWLEDGED) return recorded === asked ? heard : undefined
    const [former, frame] = [frameIn(recorded), frameIn(asked)]
    if (former === undefined || frame === undefined || former.body !== frame.body) return undefined
    return framedAnswers(heard, (text) => {
      const reply = frameIn(text)
      if (reply?.counter !== former.counter) return undefined
      return encodeFrame({ ...reply, counter: frame.counter }).toString('latin1')
    })
  },
  // An RT printer has no secret.
  redacted: (text) => text,
}

function frameIn(text: string): CustomFrame | undefined {
  return decodeFrame(Buffer.from(text, 'latin1'))
}
