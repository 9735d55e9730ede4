import { fstatSync, write, writeSync } from 'node:fs'
import type { Clock } from './clock.ts'

/** Lines that wait for others: each write wakes a thread, which costs a sale more than all of its lines (measured). */
const GATHER_BYTES = 4096
const GATHER_MS = 100
const LIMIT_BYTES = 1024 * 1024

export type BackgroundLines = {
  write(line: string): void
  flush(): void
  /** For the end of the process: writes all buffered lines before it returns. */
  flushSync(): void
}

/**
 * Standard error, written in the background: a blocked reader must not hold up a sale. Lines are buffered for a moment,
 * until a warning or an error arrives. Beyond 1 MiB, lines that the reader does not take are dropped, and so are lines
 * that cannot be written because the disk is full or the reader has ended: no log is worth a shop that cannot sell.
 */
export function standardError(clock: Clock, fd = 2): BackgroundLines {
  let gathered = ''
  let underWay = Buffer.alloc(0)
  let isWriting = false
  let isDue = false
  let gathers = false

  const start = (): void => {
    if (underWay.length === 0) {
      underWay = Buffer.from(gathered)
      gathered = ''
      isDue = false
    }
    isWriting = underWay.length > 0
    if (isWriting) write(fd, underWay, done)
  }
  const done = (error: NodeJS.ErrnoException | null, bytes: number): void => {
    isWriting = false
    if (error?.code === 'EAGAIN') {
      gather()
      return
    }
    underWay = error === null ? underWay.subarray(bytes) : Buffer.alloc(0)
    if (underWay.length > 0 || isDue || gathered.length >= GATHER_BYTES) start()
  }
  const flush = (): void => {
    isDue = true
    if (!isWriting) start()
  }
  const gather = (): void => {
    if (gathers) return
    gathers = true
    clock.after(GATHER_MS, () => {
      gathers = false
      flush()
    })
  }
  return {
    write: (line) => {
      if (underWay.length + gathered.length + line.length > LIMIT_BYTES) return
      gathered += line
      if (gathered.length >= GATHER_BYTES && !isWriting) start()
      else gather()
    },
    flush,
    flushSync: () => {
      try {
        // A thread already writes these bytes.
        const remainder = isWriting ? Buffer.alloc(0) : underWay
        for (let rest = Buffer.concat([remainder, Buffer.from(gathered)]); rest.length > 0; )
          rest = rest.subarray(writeSync(fd, rest))
      } catch {
        // The disk is full or the reader has ended: there is no place left to report it.
      }
    },
  }
}

/**
 * True if systemd's journal reads this stream: `stream` is JOURNAL_STREAM, which identifies the file (systemd.exec(5)).
 */
export function isSystemJournal(stream: string | undefined, fd = 2): boolean {
  if (stream === undefined) return false
  const { dev, ino } = fstatSync(fd)
  return stream === `${dev}:${ino}`
}
