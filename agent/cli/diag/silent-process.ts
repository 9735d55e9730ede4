import { visible } from '../../../base/text.ts'
import { namesIn, openFilesOf, processName, textOf } from '../checks/processes.ts'

/** Facts of the kernel about a process that does not answer; no content of a file, no environment (proc(5)). */
export type SilentProcess = {
  pid: number
  name: string
  /** `D (disk sleep)` */
  state: string
  /** The kernel function in which it sleeps; `0` if the kernel hides it. */
  wchan: string
  threads: readonly string[]
  files: readonly string[]
  locks: readonly string[]
  children: readonly string[]
}

const SHOWN_MAX = 40

export function lookAtProcess(pid: number): SilentProcess {
  const folder = `/proc/${pid}`
  const status = textOf(`${folder}/status`)
  return {
    pid,
    name: processName(pid),
    state: /^State:\s*(.*)$/m.exec(status)?.[1] ?? 'unknown',
    wchan: textOf(`${folder}/wchan`) || '0',
    threads: namesIn(`${folder}/task`).map((tid) => threadOf(`${folder}/task/${tid}`, tid)),
    files: openFilesOf(pid),
    locks: textOf('/proc/locks')
      .split('\n')
      .filter((line) => line.split(/\s+/)[4] === String(pid)),
    children: namesIn(`${folder}/task`)
      .flatMap((tid) => textOf(`${folder}/task/${tid}/children`).split(' '))
      .filter((child) => child !== '')
      .map((child) => `${child} ${processName(Number(child))}`),
  }
}

export function silentText({ pid, name, state, wchan, ...lists }: SilentProcess, isSilent: boolean): string {
  const head = `Process ${pid} (${name}) ${isSilent ? 'does not answer' : 'holds the state and does not listen'}: ${state}, in ${wchan}`
  const parts = Object.entries(lists).map(([title, entries]) => {
    const more = entries.length > SHOWN_MAX ? [`… and ${entries.length - SHOWN_MAX} more`] : []
    return [`${title} ${entries.length}`, ...[...entries.slice(0, SHOWN_MAX), ...more].map((entry) => `  ${entry}`)]
  })
  return [head, ...parts.flat()].map(visible).join('\n')
}

function threadOf(folder: string, tid: string): string {
  const state = /^State:\s*(.*)$/m.exec(textOf(`${folder}/status`))?.[1] ?? 'unknown'
  return `${tid} ${textOf(`${folder}/comm`).trim()}: ${state}, in ${textOf(`${folder}/wchan`) || '0'}`
}
