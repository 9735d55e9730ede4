import { execFile } from 'node:child_process'
import { Resolver } from 'node:dns'
import { readFile } from 'node:fs/promises'
import type { LookupFunction } from 'node:net'
import { isIP } from 'node:net'
import { domainToASCII } from 'node:url'
import { monoMs, pause, systemClock } from './clock.ts'
import { CodedError, codeOf } from './thrown.ts'

/**
 * Host names become addresses here and nowhere else. A lookup of the system (getaddrinfo) waits in a thread that nothing
 * can end: the process cannot exit before it, and enough of them block each file that the process reads. The
 * system's clock limits a lookup: name servers answer in its time.
 */

export type Address = { readonly address: string; readonly family: 4 | 6 }

export type Limits = {
  /** In all. */
  limitMs: number
  /** For tests; those of the machine if omitted. */
  servers?: readonly string[]
  hostsFile?: string
}

/** The name server answered, and no one knows the name. */
function unknownName(host: string): CodedError {
  return new CodedError('ENOTFOUND', `no such host name: ${host}`)
}

const HOSTS_FILE = '/etc/hosts'
/** The whole time is at least so many tries: a second name server is asked while the first one is silent. */
const TRIES = 4
/** After an answer with IPv4 addresses; RFC 8305 §3 waits 50 ms. A router may ignore the question for IPv6 ones. */
const OTHER_FAMILY_MS = 50
const LOOPBACKS: readonly Address[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
]
/** The exit code of `getent` for a name without an address. */
const UNKNOWN_TO_SYSTEM = 2
/** The server has answered that there is nothing. */
const ABSENT = new Set(['ENOTFOUND', 'ENODATA', 'ENONAME', 'EBADNAME'])

/**
 * The addresses of a host, at least one; IPv4 first if they come from a name server. Throws `name_server_silent`, and
 * `ENOTFOUND` for a name without addresses.
 */
export async function addressesOfName(host: string, limits: Limits): Promise<readonly Address[]> {
  const name = (domainToASCII(host) || host).toLowerCase().replace(/\.$/, '')
  const local = await knownHere(name, limits.hostsFile ?? HOSTS_FILE)
  if (local.length > 0) return local
  // A name is an argument of a program.
  if (name === '' || name.startsWith('-')) throw unknownName(host)
  const endsAt = monoMs(systemClock) + limits.limitMs
  const isOfSystem = !name.includes('.') || name.endsWith('.local')
  const addresses = isOfSystem ? undefined : await fromServers(name, limits)
  if (addresses !== undefined && addresses.length > 0) return addresses
  // Only the system knows names of mDNS, of a search list and of its other sources (nsswitch.conf).
  const leftMs = endsAt - monoMs(systemClock)
  const ofSystem = leftMs > 0 ? await fromSystem(name, leftMs) : undefined
  if (ofSystem !== undefined && ofSystem.length > 0) return ofSystem
  if ((isOfSystem ? ofSystem : addresses) === undefined)
    throw new CodedError('name_server_silent', `the name server does not answer (${host})`)
  throw unknownName(host)
}

/** `lookup` of a connection. Its limit is to be shorter than that of the connection, which names another cause. */
export function lookupWithin(limitMs: number): LookupFunction {
  return (host, { all, family }, callback) => {
    const wanted = family === 'IPv4' ? 4 : family === 'IPv6' ? 6 : (family ?? 0)
    addressesOfName(host, { limitMs }).then(
      (addresses) => {
        const usable = addresses.filter((one) => wanted === 0 || one.family === wanted)
        const [first] = usable
        if (first === undefined) callback(unknownName(host), '', 0)
        else if (all === true) callback(null, [...usable])
        else callback(null, first.address, first.family)
      },
      (error: Error) => callback(error, '', 0),
    )
  }
}

/** An address, a name of the hosts file (hosts(5)), or this machine itself (RFC 6761 §6.3). */
async function knownHere(name: string, hostsFile: string): Promise<readonly Address[]> {
  if (isIP(name) !== 0) return addressesIn([name])
  const text = await readFile(hostsFile, 'utf8').catch(() => '')
  const lines = text.split('\n').map((line) => line.replace(/#.*/s, '').trim().split(/\s+/))
  const here = lines.filter(([, ...names]) => names.some((one) => one.toLowerCase() === name))
  if (here.length > 0) return addressesIn(here.map(([address = '']) => address))
  return name === 'localhost' || name.endsWith('.localhost') ? LOOPBACKS : []
}

/** Undefined if no server answers in time. */
async function fromServers(name: string, { limitMs, servers }: Limits): Promise<Address[] | undefined> {
  // Made for each lookup: it reads which servers the machine has now, and can be cancelled alone.
  const resolver = new Resolver({ timeout: Math.ceil(limitMs / TRIES), tries: TRIES })
  if (servers !== undefined) resolver.setServers(servers)
  const cancel = (): void => resolver.cancel()
  const cancelLimit = systemClock.after(limitMs, cancel)
  try {
    const of = (family: 4 | 6): Promise<Address[] | undefined> => answered(resolver, name, family)
    const later = of(6)
    const first = await of(4)
    const wait = pause(systemClock, OTHER_FAMILY_MS).then(() => undefined)
    const rest = (first?.length ?? 0) > 0 ? await Promise.race([later, wait]) : await later
    if (first === undefined && (rest === undefined || rest.length === 0)) return undefined
    return [...(first ?? []), ...(rest ?? [])]
  } finally {
    cancelLimit()
    cancel()
  }
}

/** Undefined without an answer. */
function answered(resolver: Resolver, name: string, family: 4 | 6): Promise<Address[] | undefined> {
  return new Promise((resolve) => {
    const take = (error: Error | null, addresses: string[] | undefined): void => {
      if (error === null) resolve((addresses ?? []).map((address) => ({ address, family })))
      else resolve(ABSENT.has(codeOf(error) ?? '') ? [] : undefined)
    }
    if (family === 4) resolver.resolve4(name, take)
    else resolver.resolve6(name, take)
  })
}

/** The system's own answer, from a child that can be killed; undefined without one. */
function fromSystem(name: string, limitMs: number): Promise<Address[] | undefined> {
  return new Promise((resolve) => {
    execFile('getent', ['ahosts', name], { timeout: limitMs, killSignal: 'SIGKILL' }, (error, output) => {
      if (error !== null && error.code !== UNKNOWN_TO_SYSTEM) resolve(undefined)
      else resolve(addressesIn(output.split('\n').map((line) => line.split(/\s/, 1)[0] ?? '')))
    })
  })
}

/** In their order, each once. */
function addressesIn(texts: readonly string[]): Address[] {
  return [...new Set(texts)].flatMap((address) => {
    const family = isIP(address)
    return family === 4 || family === 6 ? [{ address, family }] : []
  })
}
