import type { LogKind, LogMessage } from './log-message.ts'
import { transactionOperation } from './log-message.ts'

/**
 * The parts of a log's file name (TR-03151 App. C). `operation` is `Start`… for a transaction, else the operation's
 * name.
 */
export type LogName = {
  /** e.g. `Unixt_1589712808`. */
  time: string
  counter: number
  kind: LogKind
  operation: string
  transaction: number | undefined
  clientId: string | undefined
}

const LENGTH_MAX = 100

export const INFO_FILE_NAME = 'info.csv'

/** `<serial>_X509.cer`, the serial as 64 lower-case hex digits of the certificate's own key. */
export function certificateFileName(serialHex: string): string {
  return `${serialHex}_X509.cer`
}

/** The whole chain in PEM, as Swissbit names it. */
export const CHAIN_FILE_NAME = 'cert.pem'

/** By its ending: makers differ in the rest, and some number a second certificate of a key. */
export function isCertificateFileName(name: string): boolean {
  return /\.(?:cer|crt|pem|der)$/i.test(name)
}

/**
 * At most 100 bytes of ASCII: a client that does not fit is cut, and a character that file systems refuse becomes `_`.
 */
export function logFileName(name: LogName): string {
  const start = `${name.time}_Sig-${name.counter}_Log-${name.kind}`
  if (name.kind === 'Aud') return `${start}.log`
  if (name.kind === 'Sys') return `${start}_${replaced(name.operation)}.log`
  const stem = `${start}_No-${name.transaction ?? 0}_${name.operation}_Client-`
  return `${stem}${replaced(name.clientId ?? '').slice(0, LENGTH_MAX - 4 - stem.length)}.log`
}

/** The file name for the content of a log. */
export function nameOfLog(log: LogMessage): string {
  return logFileName({
    time: log.time.name,
    counter: log.counter,
    kind: log.kind,
    operation: transactionOperation(log) ?? log.operation,
    transaction: log.transaction,
    clientId: log.clientId,
  })
}

/**
 * True if a file of this name may hold this log. Devices differ in the case of operation names, may cut or replace what
 * does not fit a file name, and mark the n-th file of a name with `_Fc-n`.
 */
export function nameFitsLog(name: string, log: LogMessage): boolean {
  const plain = name.replace(/_Fc-\d+(?=\.log$)/, '').toLowerCase()
  const expected = nameOfLog(log).toLowerCase()
  if (plain === expected) return true
  if (log.kind !== 'Tra') return false
  const clientAt = expected.indexOf('_client-') + '_client-'.length
  if (plain.slice(0, clientAt) !== expected.slice(0, clientAt) || !plain.endsWith('.log')) return false
  return clientFits(plain.slice(clientAt, -4), (log.clientId ?? '').toLowerCase(), name.length)
}

function clientFits(written: string, clientId: string, nameLength: number): boolean {
  const wholeLength = written.length === clientId.length || nameLength >= LENGTH_MAX - 4
  const same = [...written].every((c, i) => c === clientId[i] || !/[a-z0-9]/.test(clientId[i] ?? 'a'))
  return wholeLength && same && written.length <= clientId.length
}

function replaced(text: string): string {
  return text.replace(/[^A-Za-z0-9 '()+,.=-]/g, '_')
}
