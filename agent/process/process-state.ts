import { readdirSync } from 'node:fs'

/** The process, as a diagnosis describes it. */
export type ProcessState = { pid: number; residentBytes: number; openFiles: number | undefined }

export function processState(): ProcessState {
  return { pid: process.pid, residentBytes: process.memoryUsage.rss(), openFiles: openFiles() }
}

export function openFiles(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    return undefined
  }
}
