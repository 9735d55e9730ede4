import type { Dialect } from '../recording/dialect.ts'

/**
 * Functions that only read. Not here: functions that begin, read or end an export, as the TSE has only one and it may be
 * another program's, and the challenge, which replaces the one that another program may be using.
 */
const READING = [
  'GetStorageInfo',
  'GetRegisteredClientList',
  'GetStartedTransactionList',
  'GetLastTransactionResponse',
  'GetLogMessageCertificate',
]
const READS = new RegExp(`(?:&quot;|")function(?:&quot;|"):(?:&quot;|")(?:${READING.join('|')})(?:&quot;|")`)
/** Messages about the session with the host. */
const SESSION = /^<(?:open_device|close_device|reconnect)>/
const SECRETS = /((&quot;|")(?:puk|adminPin|timeAdminPin|pin|hash|challenge)\2\s*:\s*\2)(.*?)(\2)/g
const CLIENT_IDS = /(<(?:old_|new_)?client_id>)([^<]*)(<)/g
const TIMES = /<timeout>\d+|<received_id>\d+|(?:&quot;|")newDateTime(?:&quot;|"):(?:&quot;|")[^&"]*/g
const SEQUENCE = /<data_id>\d+/g

export const EPSON_DIALECT: Dialect = {
  reads: (sent) => SESSION.test(sent) || READS.test(sent),
  // A host that does not buffer messages sends 0: a played answer is then never taken for a repetition.
  answers: (recorded, heard, asked) =>
    wishOf(recorded) === wishOf(asked) ? [heard.join('').replaceAll(SEQUENCE, '<data_id>0')] : undefined,
  redacted,
}

function redacted(text: string): string {
  return text
    .replaceAll(SECRETS, (_all, head: string, _quote, secret: string, end: string) => head + zeros(secret) + end)
    .replaceAll(CLIENT_IDS, (_all, head: string, id: string, end: string) => head + zeros(id) + end)
}

function zeros(secret: string): string {
  return '0'.repeat(secret.length)
}

function wishOf(text: string): string {
  return redacted(text).replaceAll(TIMES, '')
}
