import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { basename, join } from 'node:path'

// Facts of the kernel about other processes (proc(5)); empty for ended processes and for those of other users.

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

/** For Node, whose processes are all named `MainThread`, the script that it runs. */
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
