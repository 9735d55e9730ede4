import { addressesOf, tryListening } from '../../../base/listening.ts'
import { codeOf } from '../../../base/thrown.ts'
import type { Config } from '../../agent-config.ts'
import type { Finding } from './finding.ts'
import { caution, failure, ok } from './finding.ts'
import { namesIn, openFilesOf, processName, textOf } from './processes.ts'

const PROCESSES_MAX = 5000

/**
 * Reports whether the port is free or used by our own daemon, which then reports its address; a silent daemon is found
 * by its process.
 */
export async function checkPort(
  { host, port }: Config['listen'],
  daemonUrl: string | undefined,
  silentPid: number | undefined,
): Promise<Finding> {
  const { missing } = await addressesOf(host)
  const good = (message: string): Finding => {
    if (missing.length === 0) return ok('port', message)
    const remedy = 'programs that call localhost may try it first; see ip address show lo'
    return caution('port', `${message}; this machine does not have ${missing.join(' and ')}`, remedy)
  }
  if (daemonUrl !== undefined) return good(`the agent is running at ${daemonUrl}`)
  const address = `${host}:${port}`
  const problem = await listenOnce(host, port)
  if (problem === undefined) return good(`${address} is free`)
  if (problem === 'EADDRNOTAVAIL')
    return failure(
      'port',
      `${host} is not an address of this machine`,
      'correct listen.host (ip address shows what there is)',
    )
  if (problem === 'EACCES') return failure('port', `${address} needs root`, 'use a port above 1023 in listen.port')
  if (problem !== 'EADDRINUSE') return failure('port', `${address} cannot be had (${problem})`, 'correct "listen"')
  const holder = holderOfPort(port)
  if (silentPid !== undefined && (holder?.pid ?? silentPid) === silentPid)
    return ok('port', `${address} is held by the agent (process ${silentPid})`)
  const who = holder === undefined ? 'another program' : `process ${holder.pid} (${holder.name})`
  return failure('port', `${address} is taken by ${who}`, 'stop that program, or change listen.port')
}

async function listenOnce(host: string, port: number): Promise<string | undefined> {
  try {
    await tryListening({ host, port })
    return undefined
  } catch (error) {
    return codeOf(error) ?? String(error)
  }
}

/** Finds the listening process, if this user may see it: the socket's inode, then the process that has it open. */
function holderOfPort(port: number): { pid: number; name: string } | undefined {
  const inodes = new Set(['tcp', 'tcp6'].flatMap((table) => listeners(table, port)))
  if (inodes.size === 0) return undefined
  const pids = namesIn('/proc').filter((name) => /^\d+$/.test(name))
  for (const pid of pids.slice(0, PROCESSES_MAX)) {
    if (openFilesOf(pid).some((file) => inodes.has(file))) return { pid: Number(pid), name: processName(Number(pid)) }
  }
  return undefined
}

/** proc(5): `sl local_address rem_address st … inode`; state 0A listens. */
function listeners(table: string, port: number): string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0')
  return textOf(`/proc/net/${table}`)
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => state === '0A' && local?.endsWith(`:${wanted}`))
    .map((cells) => `socket:[${cells[9]}]`)
}
