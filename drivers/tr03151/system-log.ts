import { integer, text, tlv } from './der.ts'
import type { LogTimeFormat } from './log-time.ts'
import { logTimeText } from './log-time.ts'

/** A system operation: its name in log and file name, and the content of systemOperationData (TR-03151 App. A). */
export type SystemOperation = { operation: string; data: Uint8Array }

export type UserRole = 'admin' | 'timeAdmin'

export const initializeLog = (description: string): SystemOperation => ({
  operation: 'Initialize',
  data: text(0x81, description),
})

export const updateTimeLog = (format: LogTimeFormat, beforeMs: number, afterMs: number): SystemOperation => ({
  operation: 'UpdateTime',
  data: Buffer.concat([timeBytes(0x81, format, beforeMs), timeBytes(0x82, format, afterMs)]),
})

export const authenticateUserLog = (userId: string, role: UserRole, granted: boolean): SystemOperation => ({
  operation: 'AuthenticateUser',
  data: Buffer.concat([text(0x81, userId), byte(0x82, role === 'admin' ? 0 : 1), byte(0x83, granted ? 0xff : 0)]),
})

export const logOutLog = (userId: string, cause: 'user' | 'timeout'): SystemOperation => ({
  operation: 'LogOut',
  data: Buffer.concat([text(0x81, userId), byte(0x82, cause === 'user' ? 0 : 1)]),
})

export const unblockUserLog = (
  userId: string,
  result: 'ok' | 'failed' | 'unknownUserId' | 'error',
): SystemOperation => ({
  operation: 'UnblockUser',
  data: Buffer.concat([text(0x81, userId), byte(0x82, ['ok', 'failed', 'unknownUserId', 'error'].indexOf(result))]),
})

export const disableLog = (format: LogTimeFormat, atMs: number): SystemOperation => ({
  operation: 'DisableSecureElement',
  data: timeBytes(0x81, format, atMs),
})

/** As genuine units write it: componentName, result, timeOfEvent; [3] would be the message of a test that failed. */
export const selfTestLog = (component: string, format: LogTimeFormat, atMs: number): SystemOperation => ({
  operation: 'selfTest',
  data: Buffer.concat([text(0x81, component), byte(0x82, 0xff), timeBytes(0x84, format, atMs)]),
})

/** The client, or the user who deleted, as genuine units write it (TR-03153-1 §9.8). */
export const plainLog = (
  operation: 'registerClient' | 'deregisterClient' | 'deleteStoredData',
  subject: string,
): SystemOperation => ({ operation, data: text(0x81, subject) })

/** seAuditData of our own units: signature counters that no log has, as after a memory that was set back. */
export const skippedAudit = ({ from, to }: { from: number; to: number }): Uint8Array =>
  tlv(0x30, text(0x0c, 'signature counters passed over'), integer(from), integer(to))

/** unixTime stands as four raw bytes, not as a minimal integer (seen in genuine UpdateTime logs). */
const timeBytes = (tag: number, format: LogTimeFormat, ms: number): Uint8Array => {
  if (format !== 'unixTime') return text(tag, logTimeText(format, ms))
  const raw = Buffer.alloc(4)
  raw.writeUInt32BE(Math.floor(ms / 1000) % 0x1_0000_0000)
  return tlv(tag, raw)
}

const byte = (tag: number, value: number): Uint8Array => tlv(tag, Uint8Array.of(value))
