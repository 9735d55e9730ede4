import { closeSync, fdatasyncSync, openSync, readFileSync, writeSync } from 'node:fs'

/** What the writer was promised: so many events, of which the last has this hash. */
export type Watermark = { readonly seq: number; readonly hash: string }

const SLOT_BYTES = 128

/** A file with the newest watermark, synced before the next commit; two slots, so that a kill leaves one whole. */
export function watermarkFile(path: string): (mark: Watermark) => void {
  const file = openSync(path, 'r+')
  let slot = 0
  return (mark) => {
    slot = 1 - slot
    writeSync(file, JSON.stringify(mark).padEnd(SLOT_BYTES), slot * SLOT_BYTES)
    fdatasyncSync(file)
  }
}

export function emptyWatermark(path: string): void {
  closeSync(openSync(path, 'w'))
}

/** Undefined before the first commit. */
export function newestWatermark(path: string): Watermark | undefined {
  const text = readFileSync(path, 'latin1')
  const marks = [0, SLOT_BYTES].flatMap((at) => markIn(text.slice(at, at + SLOT_BYTES)) ?? [])
  return marks.toSorted((one, other) => other.seq - one.seq)[0]
}

/** A slot is written in one call, which a reader may see half done. */
function markIn(slot: string): Watermark | undefined {
  try {
    return JSON.parse(slot.replaceAll('\0', ' ')) as Watermark
  } catch {
    return undefined
  }
}
