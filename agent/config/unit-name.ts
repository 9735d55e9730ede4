/** systemd.unit(5), string escaping for inclusion in unit names: of a path, as `systemd-escape --path` does it. */
export function escapedPath(path: string): string {
  const inner = path.replaceAll(/\/+/g, '/').replaceAll(/^\/|\/$/g, '')
  if (inner === '') return '-'
  const hex = (byte: number): string => `\\x${byte.toString(16).padStart(2, '0')}`
  return [...Buffer.from(inner)]
    .map((byte, at) => {
      const character = String.fromCharCode(byte)
      if (character === '/') return '-'
      return /[\w:.]/.test(character) && !(at === 0 && character === '.') ? character : hex(byte)
    })
    .join('')
}
