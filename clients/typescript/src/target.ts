export type Target = {
  /** The network that a browser is to ask its user for. */
  readonly targetAddressSpace: 'loopback' | 'local' | undefined
}

const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/
const LOCAL =
  /^(?:10(?:\.\d+){3}|192\.168(?:\.\d+){2}|172\.(?:1[6-9]|2\d|3[01])(?:\.\d+){2}|169\.254(?:\.\d+){2}|\[f[cde].*\]|[^.]+|.+\.local)$/

/** A name with dots is looked up by the browser: it finds out the network itself. */
export function targetOf(url: string): Target {
  const { hostname } = new URL(url)
  if (LOOPBACK.test(hostname)) return { targetAddressSpace: 'loopback' }
  return { targetAddressSpace: LOCAL.test(hostname) ? 'local' : undefined }
}
