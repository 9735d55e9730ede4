import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import type { Receiver } from '../../receiver/open-receiver.ts'
import { openReceiver } from '../../receiver/open-receiver.ts'
import { openSqliteStore } from '../../receiver/sqlite/store.ts'
import type { Store } from '../../receiver/store.ts'
import { issueToken } from '../../receiver/tokens.ts'
import { JournalSync } from '../../sync/journal-sync.ts'
import type { Log } from '../../sync/protocol/log.ts'
import type { Source } from '../../sync/source.ts'
import type { TargetStatus } from '../../sync/status.ts'
import type { Target } from '../../sync/target.ts'
import { httpsTarget } from '../../sync/targets/https.ts'
import { WAIT_LIMIT_MS } from '../waits.ts'
import type { MemoryJournal } from './memory-journal.ts'
import { MemoryCursor } from './memory-journal.ts'

/** The machine's time, so many times as fast: time-outs of seconds end in tens of milliseconds. */
export function fastClock(factor: number): Clock {
  const startMs = Date.now()
  const startMono = process.hrtime.bigint()
  return {
    now: () => startMs + (Date.now() - startMs) * factor,
    mono: () => (process.hrtime.bigint() - startMono) * BigInt(factor),
    after: (delayMs, act) => {
      const timer = setTimeout(act, delayMs / factor)
      return () => clearTimeout(timer)
    },
  }
}

/** Uniform numbers in [0, 1) that the seed determines (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Keeps the log lines: level, code and message. */
export class LogRecord implements Log {
  readonly lines: { level: string; code: unknown; message: string }[] = []

  info(fields: Readonly<Record<string, unknown>>, message: string): void {
    this.lines.push({ level: 'info', code: fields['code'], message })
  }

  warn(fields: Readonly<Record<string, unknown>>, message: string): void {
    this.lines.push({ level: 'warn', code: fields['code'], message })
  }

  error(fields: Readonly<Record<string, unknown>>, message: string): void {
    this.lines.push({ level: 'error', code: fields['code'], message })
  }
}

export type Rig = {
  readonly store: Store
  readonly receiver: Receiver
  readonly tenantId: string
  readonly office: string
  readonly directory: string
  readonly log: LogRecord
  /** A token for the agent of a journal. */
  enrol(agentId: string): Promise<{ id: string; token: string }>
  close(): Promise<void>
}

/** A receiver on a free port; its store is SQLite in a temporary directory unless one is given. */
export async function openRig(options: { store?: Store; port?: number; blobQuotaBytes?: number } = {}): Promise<Rig> {
  const directory = mkdtempSync(join(tmpdir(), 'receiver-'))
  const clock = fastClock(1)
  const store = options.store ?? openSqliteStore(join(directory, 'receiver.db'), clock)
  const log = new LogRecord()
  const { port = 0, blobQuotaBytes = 1e9 } = options
  const receiver = await openReceiver({ store, listen: { host: '127.0.0.1', port }, blobQuotaBytes, clock, log })
  const tenantId = randomUUID()
  const { token: office } = await issueToken(store, { kind: 'office', tenantId })
  return {
    ...{ store, receiver, tenantId, office, directory, log },
    enrol: (agentId) => issueToken(store, { kind: 'agent', tenantId, agentId }),
    close: async () => {
      await receiver.close()
      await store.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

export type RunningSync = {
  readonly sender: JournalSync
  readonly cursor: MemoryCursor
  readonly log: LogRecord
  /** Resolves when the status fits; fails loudly with the status when it never does. */
  until(fits: (status: TargetStatus) => boolean): Promise<TargetStatus>
}

/** The sync of `journal`; not opened yet. */
export function syncTo(
  journal: MemoryJournal,
  target: Target,
  options: { clock?: Clock; random?: () => number; cursor?: MemoryCursor } = {},
): RunningSync {
  const { clock = fastClock(20), random = seeded(1), cursor = new MemoryCursor() } = options
  const log = new LogRecord()
  const waiting = new Set<() => void>()
  const onChange = (): void => {
    for (const check of waiting) check()
  }
  const cursors = new Map<string, MemoryCursor>([[journal.chain.chainId, cursor]])
  const cursorOf = ({ chain: { chainId } }: Source): MemoryCursor => {
    const saved = cursors.get(chainId) ?? new MemoryCursor()
    cursors.set(chainId, saved)
    return saved
  }
  const epochs = (): [MemoryJournal, ...MemoryJournal[]] => journal.epochs()
  const sender = new JournalSync({ epochs, target, cursorOf, clock, random, log, onChange })
  const until = (fits: (status: TargetStatus) => boolean): Promise<TargetStatus> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        const status = sender.status()
        if (!fits(status)) return
        clearTimeout(limit)
        waiting.delete(check)
        resolve(status)
      }
      const limit = setTimeout(() => {
        reject(new Error(`never: ${JSON.stringify(sender.status())} ${JSON.stringify(log.lines.slice(-5))}`))
      }, WAIT_LIMIT_MS)
      waiting.add(check)
      check()
    })
  return { sender, cursor, log, until }
}

export function cloud(url: string, token: string, clock: Clock = fastClock(20)): Target {
  return httpsTarget({ id: 'cloud', url, token: async () => token, clock, requestId: randomUUID })
}

/** Everything is acknowledged. */
export function done(status: TargetStatus): boolean {
  return status.unacked === 0 && status.acked_seq > 0
}

/** The receiver holds exactly the journal, hash for hash. */
export async function storedHashes(store: Store, chainId: string): Promise<string[]> {
  const hashes: string[] = []
  for (;;) {
    const events = await store.events(chainId, hashes.length, 500)
    if (events.length === 0) return hashes
    hashes.push(...events.map(({ hash }) => Buffer.from(hash).toString('hex')))
  }
}

/** How many events of the journal the receiver holds; 0 if it holds another one. */
export async function storedEvents(store: Store, journal: MemoryJournal): Promise<number> {
  const stored = await storedHashes(store, journal.chain.chainId)
  const isBeginning = stored.every((hash, index) => hash === journalHashes(journal)[index])
  return isBeginning ? stored.length : 0
}

export function journalHashes(journal: MemoryJournal): string[] {
  return journal.events.map(({ hash }) => Buffer.from(hash).toString('hex'))
}
