import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { basename, join } from 'node:path'

// What the kernel shows of other processes (proc(5)). What is gone by now, or another user's, is told as nothing.

export function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trimEnd()
  } catch {
    return ''
  }
}

export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

export function openFilesOf(pid: number | string): string[] {
  const folder = `/proc/${pid}/fd`
  return namesIn(folder).map((name) => linkOf(join(folder, name)))
}

/** Of a program on Node, which calls them all `MainThread`, what it runs. */
export function processName(pid: number): string {
  const name = textOf(`/proc/${pid}/comm`).trim()
  if (name !== 'MainThread') return name || 'unknown'
  const words = textOf(`/proc/${pid}/cmdline`).split('\0')
  const [program = name, script = ''] = words.filter((word) => !word.startsWith('-')).map((word) => basename(word))
  return `${program} ${script}`.trim()
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}
