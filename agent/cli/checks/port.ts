import { BlockList, isIP, isIPv6 } from 'node:net'
import { dirname } from 'node:path'
import { addressesOf, inUrl, tryListening } from '../../../base/listening.ts'
import { codeOf } from '../../../base/thrown.ts'
import type { Config } from '../../agent-config.ts'
import type { Finding } from './finding.ts'
import { caution, failure, ok } from './finding.ts'
import { namesIn, openFilesOf, processName, textOf } from './processes.ts'

const PROCESSES_MAX = 5000
const WILDCARDS = ['0.0.0.0', '::']
/** An agent has it open. Its module loads SQLite, which may be missing here. */
const JOURNAL_FILE = 'journal.db'

/** The agent of this state directory: the address that it reports, and the process that has the lock. */
type OwnAgent = { readonly url?: string | undefined; readonly pid?: number | undefined }

/**
 * Judges the port of that key of the configuration, which may have changed since the agent started: it is our agent's and accepts
 * connections, or it is free, or another process has it.
 */
export async function checkPort(key: string, { host, port }: Config['listen'], agent: OwnAgent): Promise<Finding> {
  const { addresses, missing } = await addressesOf(host)
  const good = (message: string): Finding => {
    if (missing.length === 0) return ok('port', message)
    const remedy = 'programs that call localhost may try it first; see ip address show lo'
    return caution('port', `${message}; this machine does not have ${missing.join(', ')}`, remedy)
  }
  const running = agent.url === undefined ? undefined : portOf(agent.url)
  const wanted = port === 0 ? (running ?? 0) : port
  const address = `${host}:${wanted}`
  const problem = await listenOnce(host, wanted)
  if (problem === undefined) {
    if (agent.url === undefined) return good(`${address} is free`)
    if (running === wanted && isAt(agent.url, host)) return closed(agent.url)
    return good(`${address} is free; until it is restarted the agent is at ${agent.url}`)
  }
  if (problem !== 'EADDRINUSE') return unusable(key, host, address, problem)
  const holder = holderOfPort(addresses, wanted)
  // Sockets of other users are hidden; then the agent that reports this port has it.
  if (holder === undefined ? running !== wanted : holder.pid !== agent.pid) return taken(key, address, holder)
  if (agent.url !== undefined) return good(`the agent is running at ${agent.url}`)
  return ok('port', `${address} is held by the agent (process ${agent.pid})`)
}

function closed(url: string): Finding {
  return failure('port', `the agent runs, and ${url} accepts no connection`, 'systemctl restart fiskal-edge')
}

function unusable(key: string, host: string, address: string, problem: string): Finding {
  if (problem === 'EADDRNOTAVAIL') {
    const remedy = `correct ${key}.host (ip address shows what there is)`
    return failure('port', `${host} is not an address of this machine`, remedy)
  }
  if (problem === 'EACCES') return failure('port', `${address} needs root`, `use a port above 1023 in ${key}.port`)
  return failure('port', `${address} cannot be had (${problem})`, `correct "${key}"`)
}

function taken(key: string, address: string, holder: Holder | undefined): Finding {
  if (holder === undefined)
    return failure('port', `${address} is taken by another program`, `stop that program, or change ${key}.port`)
  if (holder.state !== undefined) {
    const message = `${address} is taken by the agent of ${holder.state} (process ${holder.pid})`
    return failure('port', message, `stop that agent, or change ${key}.port: each agent needs its own port`)
  }
  const message = `${address} is taken by process ${holder.pid} (${holder.name})`
  return failure('port', message, `stop that program, or change ${key}.port`)
}

function portOf(url: string): number {
  const { port, protocol } = new URL(url)
  return Number(port || (protocol === 'https:' ? 443 : 80))
}

/** An agent on all addresses reports one of its names. */
function isAt(url: string, host: string): boolean {
  return WILDCARDS.includes(host) || new URL(url).hostname === inUrl(host)
}

async function listenOnce(host: string, port: number): Promise<string | undefined> {
  try {
    await tryListening({ host, port })
    return undefined
  } catch (error) {
    return codeOf(error) ?? String(error)
  }
}

/** `state` is the directory of an agent. */
type Holder = { readonly pid: number; readonly name: string; readonly state: string | undefined }

/** Finds the listening process, if this user may see it: the socket's inode, then the process that has it open. */
function holderOfPort(addresses: readonly string[], port: number): Holder | undefined {
  const inodes = new Set(['tcp', 'tcp6'].flatMap((table) => listeners(table, addresses, port)))
  if (inodes.size === 0) return undefined
  const pids = namesIn('/proc').filter((name) => /^\d+$/.test(name))
  for (const pid of pids.slice(0, PROCESSES_MAX)) {
    const files = openFilesOf(pid)
    if (!files.some((file) => inodes.has(file))) continue
    const journal = files.find((file) => file.endsWith(`/${JOURNAL_FILE}`))
    return { pid: Number(pid), name: processName(Number(pid)), state: journal && dirname(journal) }
  }
  return undefined
}

/** proc(5): `sl local_address rem_address st … inode`; state 0A listens. */
function listeners(table: string, addresses: readonly string[], port: number): string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0')
  return textOf(`/proc/net/${table}`)
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local = '', , state]) => {
      const [words = '', its] = local.split(':')
      return state === '0A' && its === wanted && isInTheWay(addressIn(words), addresses)
    })
    .map((cells) => `socket:[${cells[9]}]`)
}

/** A listener on all addresses has each one; a host that is a name may be any address. */
function isInTheWay(listening: string, addresses: readonly string[]): boolean {
  if (WILDCARDS.includes(listening)) return true
  return addresses.some((each) => WILDCARDS.includes(each) || isIP(each) === 0 || sameAddress(each, listening))
}

function sameAddress(one: string, other: string): boolean {
  const family = isIPv6(one) ? 'ipv6' : 'ipv4'
  if (isIPv6(other) !== isIPv6(one)) return false
  const list = new BlockList()
  list.addAddress(one, family)
  return list.check(other, family)
}

/** Each 32-bit word is in the order of the machine, which is little-endian on each platform of the package. */
function addressIn(words: string): string {
  const bytes = (words.match(/.{8}/g) ?? []).flatMap((word) => [...Buffer.from(word, 'hex').reverse()])
  if (bytes.length === 4) return bytes.join('.')
  const groups = Array.from({ length: 8 }, (_, at) =>
    ((bytes[2 * at] ?? 0) * 256 + (bytes[2 * at + 1] ?? 0)).toString(16),
  )
  return groups.every((group) => group === '0') ? '::' : (mapped(bytes) ?? groups.join(':'))
}

/** An IPv4 address on a socket of IPv6 (RFC 4291 §2.5.5.2). */
function mapped(bytes: readonly number[]): string | undefined {
  const isMapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255
  return isMapped ? bytes.slice(12).join('.') : undefined
}
