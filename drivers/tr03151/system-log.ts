import { integer, text, tlv } from './der.ts'
import type { LogTimeFormat } from './log-time.ts'
import { logTimeText } from './log-time.ts'

/** A system operation: its name in log and file name, and the content of systemOperationData (TR-03151 App. A). */
export type SystemOperation = { operation: string; data: Uint8Array }

export type UserRole = 'admin' | 'timeAdmin'

export function initializeLog(description: string): SystemOperation {
  return {
    operation: 'Initialize',
    data: text(0x81, description),
  }
}

export function updateTimeLog(format: LogTimeFormat, beforeMs: number, afterMs: number): SystemOperation {
  return {
    operation: 'UpdateTime',
    data: Buffer.concat([timeBytes(0x81, format, beforeMs), timeBytes(0x82, format, afterMs)]),
  }
}

export function authenticateUserLog(userId: string, role: UserRole, granted: boolean): SystemOperation {
  return {
    operation: 'AuthenticateUser',
    data: Buffer.concat([text(0x81, userId), byte(0x82, role === 'admin' ? 0 : 1), byte(0x83, granted ? 0xff : 0)]),
  }
}

export function logOutLog(userId: string, cause: 'user' | 'timeout'): SystemOperation {
  return {
    operation: 'LogOut',
    data: Buffer.concat([text(0x81, userId), byte(0x82, cause === 'user' ? 0 : 1)]),
  }
}

export function unblockUserLog(userId: string, result: 'ok' | 'failed' | 'unknownUserId' | 'error'): SystemOperation {
  return {
    operation: 'UnblockUser',
    data: Buffer.concat([text(0x81, userId), byte(0x82, ['ok', 'failed', 'unknownUserId', 'error'].indexOf(result))]),
  }
}

export function disableLog(format: LogTimeFormat, atMs: number): SystemOperation {
  return {
    operation: 'DisableSecureElement',
    data: timeBytes(0x81, format, atMs),
  }
}

/** In the form of genuine units: componentName, result, timeOfEvent; [3] would be the message of a failed test. */
export function selfTestLog(component: string, format: LogTimeFormat, atMs: number): SystemOperation {
  return {
    operation: 'selfTest',
    data: Buffer.concat([text(0x81, component), byte(0x82, 0xff), timeBytes(0x84, format, atMs)]),
  }
}

/** The client, or the user who deleted, in the form of genuine units (TR-03153-1 §9.8). */
export function plainLog(
  operation: 'registerClient' | 'deregisterClient' | 'deleteStoredData',
  subject: string,
): SystemOperation {
  return { operation, data: text(0x81, subject) }
}

/** seAuditData of our own units: skipped signature counters, as after a rollback of the memory. */
export function skippedAudit({ from, to }: { from: number; to: number }): Uint8Array {
  return tlv(0x30, text(0x0c, 'signature counters passed over'), integer(from), integer(to))
}

/** unixTime is four raw bytes, not a minimal integer (seen in genuine UpdateTime logs). */
function timeBytes(tag: number, format: LogTimeFormat, ms: number): Uint8Array {
  if (format !== 'unixTime') return text(tag, logTimeText(format, ms))
  const raw = Buffer.alloc(4)
  raw.writeUInt32BE(Math.floor(ms / 1000) % 0x1_0000_0000)
  return tlv(tag, raw)
}

function byte(tag: number, value: number): Uint8Array {
  return tlv(tag, Uint8Array.of(value))
}
