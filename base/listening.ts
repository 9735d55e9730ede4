import { once } from 'node:events'
import type { AddressInfo, Server } from 'node:net'
import { createServer } from 'node:net'
import { addressesOfName } from './names.ts'
import { codeOf } from './thrown.ts'

export type Listener = { host: string; port: number }

const LOOPBACKS = ['127.0.0.1', '::1']
/** The kernel does not support the family, or has no address of it. */
const MISSING = new Set(['EAFNOSUPPORT', 'EADDRNOTAVAIL'])
/**
 * Errors on a machine that has just been switched on: the router has not assigned the address, the name does not
 * resolve yet, the port is not free.
 */
const AWAY = new Set(['EADDRNOTAVAIL', 'ENOTFOUND', 'name_server_silent', 'EADDRINUSE'])
/** Limit for the name of an address of this machine. */
const NAME_MS = 4000
/** The kernel chooses a port that is free on one of both addresses. */
const ROUNDS_MAX = 16

/** `localhost` is both loopback addresses, whatever DNS returns; `missing`: those that this machine does not have. */
export async function addressesOf(host: string): Promise<{ addresses: string[]; missing: string[] }> {
  if (host !== 'localhost') return { addresses: [host], missing: [] }
  const missing: string[] = []
  for (const address of LOOPBACKS) if (await isMissing(address)) missing.push(address)
  const addresses = LOOPBACKS.filter((address) => !missing.includes(address))
  // If both are missing, listening on the first one reports the fault.
  return addresses.length === 0 ? { addresses: ['127.0.0.1'], missing: [] } : { addresses, missing }
}

/**
 * `server` listens on the first address of the host, `doors` are servers on the others, each with the same port. If the
 * port is taken on one of them, this rejects and none listens: the program there would receive the keys of the tills.
 */
export async function listenOn(
  server: Server,
  { host, port }: Listener,
  makeDoor: () => Server = createServer,
): Promise<{ port: number; doors: Server[]; missing: string[] }> {
  const { addresses, missing } = await addressesOf(host)
  for (let round = 1; ; round++) {
    const doors = addresses.slice(1).map(() => makeDoor())
    const servers = [...doors, server]
    try {
      let bound = port
      for (const [index, address] of addresses.toReversed().entries())
        bound = await bind(servers[index] as Server, address, bound)
      return { port: bound, doors, missing }
    } catch (error) {
      await Promise.all(servers.map(closed))
      if (port !== 0 || codeOf(error) !== 'EADDRINUSE' || round === ROUNDS_MAX) throw error
    }
  }
}

/** Throws the system's error if the agent could not listen. */
export async function tryListening(listener: Listener): Promise<void> {
  const server = createServer()
  const { doors } = await listenOn(server, listener)
  await Promise.all([server, ...doors].map(closed))
}

/** True if the cause may pass without help. */
export function isAddressAway(error: unknown): boolean {
  return AWAY.has(codeOf(error) ?? '')
}

/** A listener of both families reports an IPv4 address as `::ffff:192.168.1.10` (RFC 4291 §2.5.5.2). */
export function unmapped(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '')
}

/** An address as written in a URL, or before a port. */
export function inUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

async function isMissing(address: string): Promise<boolean> {
  const server = createServer()
  try {
    await bind(server, address, 0)
    return false
  } catch (error) {
    return MISSING.has(codeOf(error) ?? '')
  } finally {
    await closed(server)
  }
}

/** On one address; resolves to the port. */
export async function bind(server: Server, host: string, port: number): Promise<number> {
  const [first] = await addressesOfName(host, { limitMs: NAME_MS })
  server.listen(port, first?.address ?? host)
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** Closes a server; one that does not listen counts as closed. */
function closed(server: Server): Promise<void> {
  return new Promise((resolve) => void server.close(() => resolve()))
}
