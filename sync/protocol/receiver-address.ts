/**
 * Limit for each of several addresses of a name, before the next is tried. Node gives 250 ms, which no satellite line
 * meets: if the last address leads nowhere, as IPv6 often does, such a shop would never be connected.
 */
export const ADDRESS_MS = 2_000
/** Limit for the name of a target, below that of its connection: an own cause needs its own words. */
export const NAME_MS = 4_000
/** A host on this machine: data for it crosses no network. */
export const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

/** Base of `/v1/…`, with a trailing slash; undefined if it is neither `https:` nor `http:` to a loopback address. */
export function receiverBase(address: string): URL | undefined {
  const url = new URL(address.endsWith('/') ? address : `${address}/`)
  const isLocal = url.protocol === 'http:' && LOOPBACK.test(url.hostname)
  return url.protocol === 'https:' || isLocal ? url : undefined
}
