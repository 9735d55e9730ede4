/** The faults of the simulated line and printer. Arguments are milliseconds unless told otherwise. */
export const faultNames = [
  'lost-request', // the frame is not heard
  'nak',
  'not-executed', // ACK, then silence
  'lost-ack',
  'lost-answer', // executed, ACK, silence
  'silent', // executed, silence
  'garbled', // one bit flips; argument: which byte
  'bad-bcc',
  'cut', // argument: how many bytes of the reply come through
  'doubled',
  'stale', // a reply with another id comes first
  'noise',
  'late',
  'slow-bytes',
  'split',
  'busy',
  'error', // argument: the code, e.g. EG0020
  'error-done', // executed, and yet refused; argument: the code
  'paper-out', // until the paper is loaded after so long
  'paper-end-resume', // RCH: while the next closing payment prints (w: a second reply follows); Custom: while the command prints
  'paper-end-lose',
  'cover-open',
  'power-cut-before',
  'power-cut', // after execution, before the reply
  'power-blink', // after the reply
  'unplugged-before',
  'unplugged', // after execution, before the reply
  'unplugged-after', // after the reply, or the bytes that `cut` lets through
  'clock', // set back by so much
  'memory-full',
  'out-of-service',
  'pending', // argument: how many files wait, 25 unless told
  'manual-sale', // argument: cents of a sale keyed in just before
  'closed-by-itself', // a daily closing just before, as a printer makes it at midnight; none while a document is open
] as const

export type FaultName = (typeof faultNames)[number]
/** What strikes one command. */
export type Struck = ReadonlyMap<FaultName, string>

const defaultMs: Partial<Record<FaultName, number>> = { 'slow-bytes': 5, late: 1500, clock: 86_400_000 }

export function milliseconds(struck: Struck, name: FaultName): number {
  const argument = struck.get(name)
  if (argument === undefined) return 0
  return /^\d{1,8}$/.test(argument) ? Number(argument) : (defaultMs[name] ?? 300)
}

/** The reply in the pieces that go out. */
export function mangle(reply: Buffer, struck: Struck, stale: Buffer): readonly Buffer[] {
  let bytes = Buffer.from(reply)
  if (struck.has('garbled')) flip(bytes, Number(struck.get('garbled') || Math.floor(bytes.length / 2)))
  if (struck.has('bad-bcc')) flip(bytes, bytes.length - 2)
  if (struck.has('cut')) bytes = bytes.subarray(0, Number(struck.get('cut') || Math.floor(bytes.length / 2)))
  if (struck.has('doubled')) bytes = Buffer.concat([bytes, bytes])
  if (struck.has('stale')) bytes = Buffer.concat([stale, bytes])
  if (struck.has('noise')) bytes = Buffer.concat([Buffer.from('\xff\x00A?\x80\r', 'latin1'), bytes])
  if (struck.has('slow-bytes')) return [...bytes].map((byte) => Buffer.of(byte))
  if (struck.has('split')) return [bytes.subarray(0, 3), bytes.subarray(3)]
  return [bytes]
}

function flip(bytes: Buffer, at: number): void {
  const index = at % Math.max(1, bytes.length)
  bytes[index] = (bytes[index] ?? 0) ^ 1
}
