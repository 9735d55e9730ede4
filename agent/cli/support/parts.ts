import { execFile } from 'node:child_process'
import { lstat, open } from 'node:fs/promises'
import { cpus, freemem, loadavg, release, totalmem, uptime } from 'node:os'
import { relative } from 'node:path'
import { gzipSync } from 'node:zlib'
import { rfc3339, systemClock } from '../../../base/clock.ts'
import { writeDurably } from '../../../base/durable-file.ts'
import { packageVersion } from '../../../base/version.ts'
import { tarEnd, tarEntry } from '../../../drivers/tr03151/tar.ts'
import type { Config } from '../../agent-config.ts'
import type { EventLine } from '../../journal/events.ts'
import { bodyOf } from '../../journal/events.ts'
import { entries } from '../checks/state.ts'
import { withoutHalf } from '../files/without-litter.ts'
import type { Redaction } from './redaction.ts'

const LOG_BYTES = 1_048_576
const LOG_LINES = 3000
const LOG_LIMIT_MS = 10_000
const TAIL_EVENTS = 300
const HEAD_EVENTS = 5
const FILES_MAX = 2000
/** Limit of an entry of the archive. */
const PART_BYTES = 4 * 1_048_576

export function machineFacts() {
  return {
    created_at: rfc3339(systemClock.now()),
    version: packageVersion(),
    node: process.version,
    arch: process.arch,
    kernel: release(),
    processors: cpus().length,
    memory_bytes: totalmem(),
    free_bytes: freemem(),
    uptime_seconds: Math.round(uptime()),
    load: loadavg().map((load) => Math.round(load * 100) / 100),
    user: process.getuid?.() ?? null,
  }
}

/** The parsed configuration. Secrets are in other files; the query of an address, and the path of a webhook, may contain one. */
export function withoutComments(config: Config): unknown {
  const webhooks = config.webhooks.map(({ url, ...webhook }) => ({ ...webhook, url: new URL(url).origin }))
  return JSON.parse(JSON.stringify({ ...config, webhooks }), (key, value: unknown) =>
    key === 'url' && typeof value === 'string' ? value.replace(/\?.*$/, '') : value,
  )
}

/** First and last events by kind, place and hash; of their bodies only member names and messages of devices. */
export async function journalSummary(state: string): Promise<unknown> {
  const { firstEvents, lastEvents } = await import('../../journal/reader.ts')
  const { lastBackup } = await import('../../backup/last.ts')
  return {
    first: firstEvents(state, HEAD_EVENTS).map(bare),
    last: [...lastEvents(state, TAIL_EVENTS)].map(bare),
    backup: lastBackup(state) ?? null,
  }
}

function bare({ seq, kind, op, at, boot, mono, body: text, hash }: EventLine): unknown {
  const body = bodyOf({ body: text })
  const shown = /^(device|journal)\./.test(kind) ? { facts: body.facts ?? null } : {}
  const act = body.act && { act: body.act.name, device: body.act.device }
  const set = body.set === undefined ? {} : { set: Object.keys(body.set) }
  return { seq, kind, op, at, boot, mono, hash, members: Object.keys(body), ...set, ...act, ...shown }
}

/**
 * Names, sizes, modes and owners; no content, and for a link the link itself. Skips a file that was removed in the
 * meantime.
 */
export async function stateListing(state: string): Promise<unknown> {
  const paths = entries(state)
  const files = await Promise.all(
    paths.slice(0, FILES_MAX).map(async (path) => {
      const stats = await lstat(path).catch(() => undefined)
      if (stats === undefined) return []
      const { mode, size, uid, gid, mtimeMs } = stats
      const modified = rfc3339(Math.round(mtimeMs))
      return [{ name: relative(state, path), mode: mode.toString(8), bytes: size, uid, gid, modified }]
    }),
  )
  return { state, files: files.flat(), more: Math.max(0, paths.length - FILES_MAX) }
}

/** The end of a log file, or of the system journal's entries of the agent. */
export async function systemLog(file?: string): Promise<string> {
  if (file !== undefined) return endOf(file)
  const args = ['-u', 'fiskal-edge', '-n', String(LOG_LINES), '--no-pager', '-o', 'short-iso']
  return new Promise((resolve) => {
    execFile(
      'journalctl',
      args,
      { timeout: LOG_LIMIT_MS, killSignal: 'SIGKILL', maxBuffer: 16 * LOG_BYTES },
      (error, stdout) => resolve(error === null ? stdout : `no log of the system's journal: ${error.message}\n`),
    )
  })
}

async function endOf(path: string): Promise<string> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const length = Math.min(size, LOG_BYTES)
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length)
    return buffer.toString('utf8')
  } finally {
    await file.close()
  }
}

/** A gzipped archive of the parts without secrets, private to its owner. */
export async function writeBundle(
  path: string,
  parts: Readonly<Record<string, unknown>>,
  redaction: Redaction,
): Promise<string> {
  const seconds = Math.floor(systemClock.now() / 1000)
  const entries = Object.entries(parts).map(([name, part]) => {
    const text = typeof part === 'string' ? part : `${JSON.stringify(part, undefined, 2)}\n`
    const content = Buffer.from(redaction.of(text)).subarray(0, PART_BYTES)
    return tarEntry(`fiskal-edge-support/${name}`, content, seconds)
  })
  const bundle = gzipSync(Buffer.concat([...entries, tarEnd]))
  await withoutHalf(path, () => writeDurably(path, [bundle], 0o600))
  return path
}
