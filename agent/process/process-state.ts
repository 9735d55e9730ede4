import { readdirSync } from 'node:fs'

/** What a diagnosis says of the process. */
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
