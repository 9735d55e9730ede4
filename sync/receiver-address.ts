const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

/** Base of `/v1/…`, with a slash at its end; undefined where it is neither `https:` nor `http:` to a loopback address. */
export function receiverBase(address: string): URL | undefined {
  const url = new URL(address.endsWith('/') ? address : `${address}/`)
  const isLocal = url.protocol === 'http:' && LOOPBACK.test(url.hostname)
  return url.protocol === 'https:' || isLocal ? url : undefined
}
