/** Parts of a text that another run of the scenario has otherwise: ids, times, signatures and hashes. */
const RANDOM: readonly (readonly [RegExp, string])[] = [
  [/\b([a-z]{2,8}_|NC-)[0-9A-HJKMNP-TV-Z]{26}\b/g, '<id>'],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, '<id>'],
  [/T\d\d:\d\d:\d\d(\.\d+)?Z/g, 'T<time>'],
  [/\b\d\d:\d\d:\d\d\b/g, '<time>'],
  [/expires=\d+/g, 'expires=<time>'],
  [/\b[0-9a-f]{16,}\b/g, '<hash>'],
  [/(?=[a-z_+/-]*[A-Z0-9])[A-Za-z0-9+/_-]{40,}={0,2}/g, '<signature>'],
  // The last line of one that a receipt breaks.
  [/<signature>\n[A-Za-z0-9+/]+={0,2}(?=\n)/g, '<signature>'],
  // The head of the journal at a closing.
  [/\b\d+:<hash>/g, '<head>'],
  // A QR code has a signature; on a text receipt it is in lines.
  [/<path d="[^"]*/g, '<path d="<code>'],
  [/(QR-Code:\n)[\s\S]*/g, '$1<code>'],
  [/version="[^"]*"/g, 'version="<version>"'],
  // How many requests were that fast.
  [/(_(?:bucket|sum)\{[^}]*\} )[\d.e+-]+/g, '$1<measured>'],
]

/** Members that are measured, count the events of devices too, or change with each release. */
const MEASURED = new Set(['clock_skew_ms', 'expected_wait_ms', 'free_bytes', 'head_seq', 'mono', 'seq', 'version'])

/** A value of JSON as far as each run of the scenario has it. */
export function withoutRandom<Value>(value: Value): Value {
  const comparable = (name: string, member: unknown): unknown => {
    if (MEASURED.has(name)) return `<${name}>`
    if (typeof member !== 'string') return member
    return RANDOM.reduce((text, [pattern, word]) => text.replaceAll(pattern, word), member)
  }
  return JSON.parse(JSON.stringify(value), comparable) as Value
}
