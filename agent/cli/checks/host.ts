import { isIP } from 'node:net'
import { PLAUSIBLE_MS, rfc3339 } from '../../../base/clock.ts'
import { addressesOf, inUrl, tryListening } from '../../../base/listening.ts'
import { codeOf } from '../../../base/thrown.ts'
import type { Config } from '../../agent-config.ts'
import type { Finding } from './finding.ts'
import { caution, failure, ok } from './finding.ts'
import { namesIn, openFilesOf, processName, textOf } from './processes.ts'

const PROCESSES_MAX = 5000
/** A larger step back than a time service makes. */
const BACK_LIMIT_MS = 60_000

/**
 * Reports whether the port is free or used by our own daemon, which then reports its address; a silent daemon is found
 * by its process.
 */
export async function checkPort(
  { host, port }: Config['listen'],
  daemonUrl: string | undefined,
  silent: number | undefined,
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
  if (silent !== undefined && (holder?.pid ?? silent) === silent)
    return ok('port', `${address} is held by the agent (process ${silent})`)
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

/** Compares this machine's clock with the calendar and the newest event (milliseconds since 1970). */
export function checkClock(nowMs: number, newestMs: number | undefined): Finding {
  const now = rfc3339(nowMs)
  const remedy = 'set it: timedatectl set-ntp true (or timedatectl set-time); check the battery of the mainboard'
  if (nowMs < PLAUSIBLE_MS) return failure('clock', `${now}: it has lost its time`, remedy)
  if (newestMs !== undefined && nowMs < newestMs - BACK_LIMIT_MS)
    return failure('clock', `${now} is before the newest event of the journal (${rfc3339(newestMs)})`, remedy)
  return ok('clock', now)
}

/** The address that the agent listens on, IPv6 in brackets as in a URL; in words if it listens on all addresses. */
function addressOf(host: string): string[] {
  if (host === '0.0.0.0' || host === '::') return ["each of this machine's addresses"]
  if (isIP(host) === 0 || ['127.0.0.1', '::1'].includes(host)) return []
  return [inUrl(host)]
}

/** The names that tills may use. A name without a port matches only the Host header of port 80. */
export function checkHosts({ allowedHosts, listen, tls }: Config, isLoopback: (host: string) => boolean): Finding {
  const named = (tls?.names ?? []).map((name) => `${inUrl(name)}:${listen.port}`)
  const own = ['127.0.0.1', '[::1]', 'localhost', ...addressOf(listen.host)].map((name) => `${name}:${listen.port}`)
  const message = [...own, ...named, ...allowedHosts].join(', ')
  const bare = allowedHosts.find((name) => !/:\d+$/.test(name))
  if (bare !== undefined) return caution('host names', message, `write "${bare}:${listen.port}" in allowedHosts`)
  if (!isLoopback(listen.host) && allowedHosts.length + named.length === 0) {
    return caution('host names', message, 'tills that call by a name need it in tls.names or allowedHosts')
  }
  return ok('host names', message)
}
