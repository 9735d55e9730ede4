/** The members of each kind of line and their types: a changed byte may leave JSON of another shape. */
const SHAPES: Readonly<Record<string, Readonly<Record<string, 'string' | 'number' | 'object' | 'boolean'>>>> = {
  backup: {
    created_at: 'string',
    agent: 'string',
    chain: 'string',
    epoch: 'number',
    events: 'number',
    secrets: 'object',
  },
  batch: { chain: 'string', epoch: 'number', first: 'number', last: 'number', prev: 'string' },
  ev: {
    seq: 'number',
    kind: 'string',
    op: 'string',
    at: 'string',
    boot: 'string',
    mono: 'string',
    body: 'string',
    hash: 'string',
  },
  end: { seq: 'number', head: 'string', cp: 'object' },
  row: { table: 'string', row: 'object' },
  file: { name: 'string', at: 'number', data: 'string' },
  segment: { file: 'string', end: 'string' },
  archive: { file: 'string', bytes: 'number', sha256: 'string', beside: 'boolean' },
  content: { sha256: 'string', at: 'number', data: 'string' },
  done: { lines: 'number', sha256: 'string' },
}

/** True for an object that has the members of its kind `t`. */
export function isLine(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const line = value as Readonly<Record<string, unknown>>
  const kind = line['t']
  const shape = typeof kind === 'string' && Object.hasOwn(SHAPES, kind) ? SHAPES[kind] : undefined
  if (shape === undefined) return false
  // `secrets` may be null, which is an object too.
  for (const name in shape) if (typeof line[name] !== shape[name]) return false
  if (kind === 'row') return Array.isArray(line['row']) && line['row'].every(isRowValue)
  return kind !== 'end' || isSignature(line['cp'])
}

/** The JSON of a table's value; bytes are in Base64. */
function isRowValue(value: unknown): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'number') return true
  return typeof value === 'object' && typeof (value as { b?: unknown }).b === 'string'
}

function isSignature(value: unknown): boolean {
  const { kid, sig } = (value ?? {}) as Readonly<Record<string, unknown>>
  return typeof kid === 'string' && typeof sig === 'string'
}
