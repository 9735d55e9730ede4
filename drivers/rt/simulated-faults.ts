import type { FaultTime } from '../fault-times.ts'
import { faultTime, UNTIL_CLEAR } from '../fault-times.ts'

/** The faults of the simulated line and printer. Arguments are milliseconds unless noted. */
export const faultNames = [
  'lost-request', // the frame is not received
  'nak',
  'not-executed', // ACK, then silence
  'lost-ack',
  'lost-answer', // executed, ACK, silence
  'silent', // executed, silence
  'garbled', // one bit flips; argument: index of the byte
  'bad-bcc',
  'cut', // argument: number of bytes of the reply that arrive
  'doubled',
  'stale', // a reply with another id is sent first
  'noise',
  'late',
  'slow-bytes',
  'split',
  'busy',
  'error', // argument: the code, e.g. EG0020
  'error-done', // executed but refused; argument: the code
  'paper-out', // without a time until the faults are cleared, as for the cover and each way to unplug it
  'paper-end-resume', // RCH: while the next closing payment prints (w: a second reply follows); Custom: while the command prints
  'paper-end-lose',
  'cover-open',
  'power-cut-before',
  'power-cut', // after execution, before the reply
  'power-blink', // after the reply
  'unplugged-before',
  'unplugged', // after execution, before the reply
  'unplugged-after', // after the reply, or the bytes left by `cut`
  'clock', // set back by that time
  'memory-full',
  'out-of-service',
  'simulation', // RCH: its documents are worthless
  'pending', // argument: number of waiting files, default 25
  'rejected', // Custom: number of the waiting files that the tax office rejected, the oldest ones, default 1
  'manual-sale', // argument: cents of a sale keyed in just before
  'closed-by-itself', // a daily closing just before, as a printer makes at midnight; none while a document is open
] as const

export type FaultName = (typeof faultNames)[number]
/** The faults that apply to one command. */
export type Struck = ReadonlyMap<FaultName, string>

/** 0 if the fault did not strike. */
export function timeOf(struck: Struck, name: FaultName): FaultTime {
  const argument = struck.get(name)
  return argument === undefined ? 0 : faultTime(name, argument)
}

/** The same for a fault that always has a time. */
export function milliseconds(struck: Struck, name: FaultName): number {
  const time = timeOf(struck, name)
  return time === UNTIL_CLEAR ? 0 : time
}

/** The reply, split into the pieces to send. */
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
