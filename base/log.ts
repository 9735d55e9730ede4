import type { DestinationStream } from 'pino'
import { pino } from 'pino'
import type { BackgroundLines } from './standard-error.ts'
import { visible } from './text.ts'

/**
 * Fields that a log may contain: names, codes, numbers and times of the trade, no body, no customer, no key. The log
 * omits a field that is not listed, so each new one is reviewed here.
 */
const FIELDS = [
  ...(['request_id', 'operation_id', 'register_id', 'merchant_id', 'session_id', 'export_id', 'key_id'] as const),
  ...(['method', 'route', 'status', 'ms', 'bytes', 'count', 'replayed', 'aborted', 'stack', 'message'] as const),
  ...(['code', 'effect', 'fiscal_effect', 'error', 'cause', 'signal', 'reason', 'problems'] as const),
  ...(['device', 'device_id', 'driver', 'act', 'state', 'serial', 'transaction', 'counter', 'device_code'] as const),
  ...(['seq', 'head', 'events', 'ref', 'type', 'file', 'url', 'host', 'port', 'path', 'pid', 'version'] as const),
  ...(['node', 'target', 'acked', 'waiting', 'unacked', 'oldest_s', 'retry_ms', 'point', 'chain'] as const),
  ...(['created_at', 'missing', 'agent', 'epoch', 'subject', 'standing', 'only_here', 'not_here'] as const),
] as const

export const LOG_FIELDS: ReadonlySet<string> = new Set(FIELDS)

type LogFields = { readonly [Name in (typeof FIELDS)[number]]?: unknown }
export type Log = {
  info(fields: LogFields, message: string): void
  warn(fields: LogFields, message: string): void
  error(fields: LogFields, message: string): void
}
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

const TEXT_LIMIT = 2000
const STACK_LINES = 8
const SECRET_TEXT = /\b(?:ofk_(?:platform|read|reg)|frt)_[\w-]+|\bBearer\s+\S+|-----BEGIN[\s\S]*?(?:-----END[^\n]*|$)/g

/** A log of one JSON object a line. */
export function openLog(level: LogLevel, destination: DestinationStream): Log {
  const formatters = { level: (label: string) => ({ level: label }) }
  const logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters }, destination)
  const atOnce = (level: 'warn' | 'error'): Log['warn'] => {
    return (fields, message) => {
      logger[level](allowed(fields), redacted(message))
      logger.flush()
    }
  }
  return {
    info: (fields, message) => logger.info(allowed(fields), redacted(message)),
    warn: atOnce('warn'),
    error: atOnce('error'),
  }
}

type Terminal = { readonly isTTY: boolean; write(text: string): unknown }

/**
 * Formats lines for standard error: readable on a terminal, with their priority in systemd's journal, otherwise
 * unchanged.
 */
export function linesFor(standardError: BackgroundLines, terminal: Terminal, isInJournal: boolean): DestinationStream {
  if (terminal.isTTY) return readableLines((text) => terminal.write(text))
  return isInJournal ? prioritisedLines(standardError) : standardError
}

/** The priorities of syslog(3), which `journalctl -p warning` filters by. */
const PRIORITIES: Readonly<Record<string, number>> = { error: 3, warn: 4, info: 6, debug: 7 }

/** Each line begins with its priority, which systemd's journal removes (sd-daemon(3)). */
export function prioritisedLines(
  lines: Pick<BackgroundLines, 'write' | 'flush'>,
): DestinationStream & { flush(): void } {
  return {
    write: (line) =>
      lines.write(`<${PRIORITIES[/"level":"(\w+)"/.exec(line)?.[1] ?? ''] ?? PRIORITIES['info']}>${line}`),
    flush: () => lines.flush(),
  }
}

/** For a person at a terminal: `20:14:55 info  message  key=value`. */
export function readableLines(write: (text: string) => void): DestinationStream {
  return {
    write(line) {
      const { level, time, msg, ...fields } = JSON.parse(line)
      const rest = Object.entries(fields).map(
        ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
      )
      const words = [String(time).slice(11, 19), String(level).padEnd(5), visible(String(msg)), ...rest.map(visible)]
      write(`${words.join(' ')}\n`)
    },
  }
}

/** The log fields of a thrown value. */
export function errorFields(error: unknown): { error: string; message: string } {
  return error instanceof Error
    ? { error: error.name, message: error.message }
    : { error: 'unknown', message: String(error) }
}

function allowed(fields: LogFields): Record<string, unknown> {
  const output: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(fields)) {
    if (name === 'error' || value instanceof Error) output['error'] = describeError(value)
    else if (LOG_FIELDS.has(name)) output[name] = bounded(value)
  }
  return output
}

function bounded(value: unknown): unknown {
  if (typeof value === 'string') return redacted(value)
  if (typeof value === 'bigint') return String(value)
  if (value === null || typeof value === 'number' || typeof value === 'boolean' || value === undefined) return value
  if (Array.isArray(value))
    return value.slice(0, 20).map((entry) => (typeof entry === 'string' ? redacted(entry) : null))
  return undefined
}

/** Name, code, message and the first frames: enough to find the place, and none of the data. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return bounded(error)
  const frames = (error.stack ?? '').split('\n').filter((line) => line.startsWith('    at '))
  return {
    name: error.name,
    code: 'code' in error ? String(error.code) : undefined,
    message: redacted(error.message),
    stack: frames.slice(0, STACK_LINES).map((line) => line.trim()),
  }
}

/** Removes keys and tokens by their form, and cuts the text at a length. */
export function redacted(text: string, limit = TEXT_LIMIT): string {
  return text.slice(0, limit).replace(SECRET_TEXT, '[redacted]')
}
