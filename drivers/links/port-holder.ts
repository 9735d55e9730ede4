import type { Stats } from 'node:fs'
import { readdir, readFile, readlink, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** `process 812 (minicom)`, which has locked or opened the port of that path; undefined if the kernel reports none. */
export async function holderOf(path: string): Promise<string | undefined> {
  const node = await realpath(path).catch(() => path)
  const port = await stat(node).catch(() => undefined)
  if (port === undefined) return undefined
  const pid = (await lockerOf(port)) ?? (await openerOf(node))
  if (pid === undefined) return undefined
  const name = (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).trim()
  return name === '' ? `process ${pid}` : `process ${pid} (${name})`
}

/** The process with the lock, of any user: proc(5), `/proc/locks`, `1: FLOCK  ADVISORY  WRITE 812 00:05:93 0 EOF`. */
async function lockerOf({ dev, ino }: Stats): Promise<string | undefined> {
  const major = ((dev >> 8) & 0xf_ff).toString(16).padStart(2, '0')
  const minor = ((dev & 0xff) | ((dev >> 12) & 0xf_ff_00)).toString(16).padStart(2, '0')
  const locks = await readFile('/proc/locks', 'utf8').catch(() => '')
  const fields = locks.split('\n').map((line) => line.trim().split(/\s+/))
  const pid = fields.find((field) => field[5] === `${major}:${minor}:${ino}`)?.[4]
  // 0 or less: a process outside this PID namespace, such as one in a container.
  return Number(pid) > 0 ? pid : undefined
}

/** A process that has it open, among those that this user may inspect. */
async function openerOf(node: string): Promise<string | undefined> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))
  for (const pid of pids) {
    const files = join('/proc', pid, 'fd')
    for (const file of await readdir(files).catch(() => [])) {
      if ((await readlink(join(files, file)).catch(() => '')) === node) return pid
    }
  }
  return undefined
}
