import { createHash, createPublicKey, hash as digest, verify } from 'node:crypto'

const MAX_LINE_BYTES = 8 * 1_048_576
const RULES = {
  encoding: 'not UTF-8 lines of one canonical JSON object each, at most 8 MiB, each ended by LF',
  members: 'members are missing, surplus, out of order or of the wrong kind',
  sequence: 'seq does not count from the first to the last of the file',
  hash: 'the hash is not the one of the event and its predecessor',
  head: 'the end line does not repeat the last seq and hash',
  truncated: 'the file ends too early',
  surplus: 'something follows the end line',
  public_key: 'the key of the agent is not known: the file does not begin with the first event of the chain',
  checkpoint: 'the signature of the head is wrong',
}

type Rule = keyof typeof RULES
/** `head`: base64url, of the last good event. `seq` of a finding: the event that breaks the rule, or is missing. */
export type ExportReport = {
  valid: boolean
  chain: string
  epoch: number
  firstSeq: number
  lastSeq: number
  events: number
  head: string
  findings: { seq: number; rule: Rule; what: string }[]
}

/** Its message is the name of the rule. */
class Broken extends Error {}
type Line = Record<string, unknown>
type Bytes = AsyncIterable<Uint8Array>
export type VerifiedEvent = Readonly<Record<'kind' | 'op' | 'at' | 'boot' | 'mono' | 'body' | 'hash', string>>
type Take = (event: VerifiedEvent) => void
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
type Batch = { v: number; chain: string; epoch: number; first: number; last: number; prev: string }

/** Members of each kind of line, in their order, with their types. */
const BATCH = ' t:string v:number chain:string epoch:number first:number last:number prev:string'
const EVENT = ' t:string seq:number kind:string op:string at:string boot:string mono:string body:string hash:string'
const END = ' t:string seq:number head:string cp:object'
const CHECKPOINT = ' alg:string kid:string sig:string'
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * A second implementation of the chain that shares nothing with the writer: reads the lines `batch`, `ev`…, `end` and
 * reports whether they are whole, chained and signed, up to the first broken rule. `publicKey` (raw Ed25519, base64url)
 * comes from the agent by another way; without it the key is read from the chain's own first event, and the signature
 * then proves only that one hand made the file. `take` gets each event that is chained, before the end is known.
 */
export async function verifyExport(source: Bytes, publicKey?: string, take?: Take): Promise<ExportReport> {
  const report = { valid: false, chain: '', epoch: 0, firstSeq: 0, lastSeq: 0, events: 0, head: '', findings: [] }
  let key = publicKey
  try {
    for await (const line of linesOf(source)) {
      if (report.valid) throw new Broken('surplus')
      if (report.chain === '') begin(report, line)
      else if (line['t'] === 'end') end(report, line, key)
      else key = event(report, line, key, take)
    }
    if (!report.valid) throw new Broken('truncated')
    return report
  } catch (error) {
    if (!(error instanceof Broken)) throw error
    const seq = Math.max(1, Math.min(report.firstSeq + report.events, report.lastSeq))
    const rule = error.message as Rule
    return { ...report, valid: false, findings: [{ seq, rule, what: RULES[rule] }] }
  }
}

function begin(report: ExportReport, line: Line): void {
  demand(line, BATCH, 'batch')
  const { v, chain, epoch, first, last, prev } = line as Batch
  if (v !== 1 || !UUID.test(chain) || !Number.isSafeInteger(epoch) || epoch < 1) throw new Broken('members')
  if (![first, last].every(Number.isSafeInteger) || first < 1 || first > last) throw new Broken('sequence')
  if (bytes(prev, 32).some((byte) => byte !== 0) && first === 1) throw new Broken('hash')
  Object.assign(report, { chain, epoch, firstSeq: first, lastSeq: last, head: prev })
}

/** Returns the key: the given one, or the one in the first event of a chain. */
function event(report: ExportReport, line: Line, key?: string, take?: Take): string | undefined {
  demand(line, EVENT, 'ev')
  const seq = report.firstSeq + report.events
  if (line['seq'] !== seq || seq > report.lastSeq) throw new Broken('sequence')
  const input = [Buffer.from('ea/1'), Buffer.from(report.chain.replaceAll('-', ''), 'hex'), big(seq, 8)]
  input.push(Buffer.from(report.head, 'base64url'))
  for (const name of ['kind', 'op', 'at', 'boot', 'mono', 'body']) {
    if (!String(line[name]).isWellFormed()) throw new Broken('encoding')
    const text = Buffer.from(String(line[name]))
    input.push(big(text.length, 4), text)
  }
  const hash = digest('sha256', Buffer.concat(input), 'base64url')
  if (line['hash'] !== hash) throw new Broken('hash')
  report.head = hash
  report.events++
  take?.(line as VerifiedEvent)
  return key ?? (seq === 1 ? /"public_key":"([\w-]{43})"/.exec(String(line['body']))?.[1] : undefined)
}

function end(report: ExportReport, line: Line, key: string | undefined): void {
  const { chain, epoch, firstSeq, lastSeq, events, head } = report
  demand(line, END, 'end')
  if (firstSeq + events <= lastSeq) throw new Broken('truncated')
  if (line['seq'] !== lastSeq || line['head'] !== head) throw new Broken('head')
  const cp = Object(line['cp']) as Line
  demand(cp, CHECKPOINT, 'Ed25519')
  if (key === undefined) throw new Broken('public_key')
  const kid = createHash('sha256').update(key, 'base64url').digest('hex').slice(0, 16)
  const id = Buffer.from(chain.replaceAll('-', ''), 'hex')
  const message = [Buffer.from('ea-cp/1'), id, big(epoch, 8), big(lastSeq, 8), bytes(head, 32)]
  const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: key }, format: 'jwk' })
  report.valid = cp['kid'] === kid && verify(null, Buffer.concat(message), publicKey, bytes(cp['sig'], 64))
  if (!report.valid) throw new Broken('checkpoint')
}

function demand(line: Line, shape: string, firstMember: string): void {
  let members = ''
  for (const name in line) members += ` ${name}:${typeof line[name]}`
  if (members !== shape || (line['t'] ?? line['alg']) !== firstMember) throw new Broken('members')
}

/** Unpadded base64url of that many bytes, and no other spelling of them. */
function bytes(text: unknown, length: number): Buffer {
  const decoded = Buffer.from(String(text), 'base64url')
  if (decoded.length !== length || decoded.toString('base64url') !== text) throw new Broken('members')
  return decoded
}

function big(value: number, length: number): Buffer {
  return Buffer.from(value.toString(16).padStart(2 * length, '0'), 'hex')
}

/** node:readline would also break lines at U+2028, which JSON texts may hold. */
async function* linesOf(source: Bytes): AsyncGenerator<Line> {
  let rest = Buffer.alloc(0)
  for await (const chunk of source) {
    rest = Buffer.concat([rest, chunk])
    for (let feed = rest.indexOf(10); feed >= 0; feed = rest.indexOf(10)) {
      yield parsed(rest.subarray(0, feed))
      rest = rest.subarray(feed + 1)
    }
    if (rest.length > MAX_LINE_BYTES) throw new Broken('encoding')
  }
  if (rest.length > 0) throw new Broken('encoding')
}

function parsed(line: Buffer): Line {
  try {
    const text = UTF8.decode(line)
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && JSON.stringify(value) === text) return value as Line
  } catch {
    // Neither text nor JSON: the code below throws.
  }
  throw new Broken('encoding')
}
