const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/
const LOCAL =
  /^(?:10(?:\.\d+){3}|192\.168(?:\.\d+){2}|172\.(?:1[6-9]|2\d|3[01])(?:\.\d+){2}|169\.254(?:\.\d+){2}|\[f[cde].*\]|[^.]+|.+\.local)$/

/** The network of an agent, for a browser. Undefined for a name with dots: the browser looks it up, and finds it itself. */
export function addressSpaceOf(url: string): 'loopback' | 'local' | undefined {
  const { hostname } = new URL(url)
  if (LOOPBACK.test(hostname)) return 'loopback'
  return LOCAL.test(hostname) ? 'local' : undefined
}
