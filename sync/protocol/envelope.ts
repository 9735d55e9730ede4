import { isUtf8 } from 'node:buffer'
import type { KeyObject } from 'node:crypto'
import type { ChainEvent, Checkpoint, SignedHead } from './chain-hash.ts'
import { checkpointHolds, eventHash, HASH_BYTES, isUuid, sameBytes, uuidBytes } from './chain-hash.ts'
import type { Members } from './json.ts'
import { base64url, bytesOf, members, parseObject, textOf, wholeNumber } from './json.ts'

const SIGNATURE_BYTES = 64
const LONE_SURROGATE = /\p{Surrogate}/u

/** Limits of one request, message or file. */
export const WIRE_LIMITS = {
  maxEvents: 1000,
  maxDecodedBytes: 4 << 20,
  maxEncodedBytes: 1 << 20,
  maxBodyBytes: 1 << 20,
}

export type BatchLine = {
  readonly chain: string
  readonly epoch: number
  readonly first: number
  readonly last: number
  /** Hash of the event before `first`. */
  readonly prev: Uint8Array
}

export type Batch = BatchLine & {
  readonly events: readonly ChainEvent[]
  readonly head: Uint8Array
  readonly checkpoint: Checkpoint | undefined
}

/** The reason why a batch is refused: `seq` if one event is at fault. */
export class EnvelopeError extends Error {
  override readonly name = 'EnvelopeError'
  readonly code: 'malformed' | 'truncated' | 'too_large' | 'hash_mismatch' | 'bad_signature'
  readonly seq: number | undefined

  constructor(code: EnvelopeError['code'], message: string, seq?: number) {
    super(message)
    this.code = code
    this.seq = seq
  }
}

export function batchLine({ chain, epoch, first, last, prev }: BatchLine): string {
  return line({ t: 'batch', v: 1, chain, epoch, first, last, prev: base64url(prev) })
}

/** `body` stays a JSON string of the stored bytes, so that no reader must make them canonical again. */
export function eventLine({ seq, kind, op, at, boot, mono, body, hash }: ChainEvent): string {
  return line({ t: 'ev', seq, kind, op, at, boot, mono, body, hash: base64url(hash) })
}

/** Proves that the body is complete. */
export function endLine(seq: number, head: Uint8Array, checkpoint: Checkpoint | undefined): string {
  return line({ t: 'end', seq, head: base64url(head), cp: checkpoint })
}

/**
 * Decodes lines `batch`, `ev`…, `end` of at most as many events as the wire permits; checks each line for shape and
 * place, and computes no hash. Throws EnvelopeError `malformed`, `truncated` (no end line), `too_large`.
 */
export function decodeBatch(bytes: Uint8Array): Batch {
  if (!isUtf8(bytes)) throw new EnvelopeError('malformed', 'The body is not UTF-8.')
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')
  const lines = splitLines(text, WIRE_LIMITS.maxEvents + 2)
  const opening = parseBatchLine(lines[0] ?? '')
  const end = parseObject(lines.at(-1) ?? '')
  if (lines.length < 2 || end?.['t'] !== 'end') throw new EnvelopeError('truncated', 'The end line is missing.')
  const events: ChainEvent[] = []
  for (const line of lines.slice(1, -1)) events.push(chainEvent(line, opening.first + events.length))
  const head = bytesOf(end['head'], HASH_BYTES)
  if (events.length === 0 || events.length !== opening.last - opening.first + 1 || end['seq'] !== opening.last) {
    throw new EnvelopeError('malformed', 'The number of events is not what the first and the last line say.')
  }
  if (head === undefined || !sameBytes(head, events.at(-1)?.hash ?? head)) {
    throw new EnvelopeError('malformed', 'The head is not the hash of the last event.')
  }
  return { ...opening, events, head, checkpoint: checkpointOf(end['cp']) }
}

/**
 * Computes every hash again and checks the signature, if there is one. Throws EnvelopeError `hash_mismatch`,
 * `bad_signature`.
 */
export function verifyBatch(batch: Batch, key: KeyObject): void {
  verifyHashes(batch)
  const { checkpoint, chain, epoch, last, head } = batch
  if (checkpoint === undefined) return
  if (!checkpointHolds(key, chain, epoch, last, head, Buffer.from(checkpoint.sig, 'base64url'))) {
    throw new EnvelopeError('bad_signature', 'The checkpoint is not signed with the key of this chain.', last)
  }
}

function verifyHashes({ chain, prev, events }: Batch): void {
  const id = uuidBytes(chain)
  let previous = prev
  for (const event of events) {
    const hash = eventHash(id, previous, event)
    if (!sameBytes(hash, event.hash)) {
      throw new EnvelopeError('hash_mismatch', `The hash of event ${event.seq} is not that of its content.`, event.seq)
    }
    previous = hash
  }
}

/** The last event with its signature; undefined if the batch came without one. */
export function signedEnd({ last: seq, head, checkpoint }: Batch): SignedHead | undefined {
  return checkpoint && { seq, head, checkpoint }
}

/** Undefined if the value is missing. Throws EnvelopeError `malformed`. */
export function checkpointOf(value: unknown): Checkpoint | undefined {
  if (value === undefined || value === null) return undefined
  const { alg, kid, sig } = members(value) ?? {}
  const name = textOf(kid)
  const bytes = bytesOf(sig, SIGNATURE_BYTES)
  if (alg !== 'Ed25519' || name === undefined || !isName(name, 200) || bytes === undefined) {
    throw new EnvelopeError('malformed', 'The checkpoint is not { alg: "Ed25519", kid, sig }.')
  }
  return { alg, kid: name, sig: base64url(bytes) }
}

function parseBatchLine(text: string): BatchLine {
  const members = parseObject(text)
  if (members?.['t'] !== 'batch' || members['v'] !== 1) {
    throw new EnvelopeError('malformed', 'The first line is not a batch line of version 1.')
  }
  const chain = textOf(members['chain'])
  const epoch = wholeNumber(members['epoch'], 1)
  const first = wholeNumber(members['first'], 1)
  const last = wholeNumber(members['last'], 1)
  const prev = bytesOf(members['prev'], HASH_BYTES)
  const complete = epoch !== undefined && first !== undefined && last !== undefined && prev !== undefined
  if (chain === undefined || !isUuid(chain) || !complete) {
    throw new EnvelopeError('malformed', 'The batch line has no chain, epoch, first, last or prev.')
  }
  return { chain, epoch, first, last, prev }
}

function chainEvent(text: string, seq: number): ChainEvent {
  const event: Members = parseObject(text) ?? {}
  const hash = bytesOf(event['hash'], HASH_BYTES)
  const body = textOf(event['body'])
  if (event['t'] !== 'ev' || event['seq'] !== seq || hash === undefined || body === undefined) {
    throw new EnvelopeError('malformed', `Line ${text.slice(0, 40)} is not event ${seq}.`, seq)
  }
  if (LONE_SURROGATE.test(body)) throw new EnvelopeError('malformed', `The body of event ${seq} is not Unicode.`, seq)
  if (Buffer.byteLength(body) > WIRE_LIMITS.maxBodyBytes) {
    throw new EnvelopeError('too_large', `The body of event ${seq} is larger than 1 MiB.`, seq)
  }
  const [kind, op, at, boot, mono] = ['kind', 'op', 'at', 'boot', 'mono'].map((name) => short(event[name], seq))
  return { seq, kind: kind ?? '', op: op ?? '', at: at ?? '', boot: boot ?? '', mono: mono ?? '', body, hash }
}

function short(value: unknown, seq: number): string {
  // Absent, undefined or null: it is hashed with length 0.
  const text = value === undefined || value === null ? '' : textOf(value)
  if (text === undefined || !isName(text, 1000)) {
    throw new EnvelopeError('malformed', `A member of event ${seq} is not a short text.`, seq)
  }
  return text
}

/** Databases cannot store NUL in text, and a lone surrogate has no UTF-8. */
function isName(text: string, maxLength: number): boolean {
  return text.length <= maxLength && !text.includes('\0') && !LONE_SURROGATE.test(text)
}

function splitLines(text: string, maxLines: number): string[] {
  const lines: string[] = []
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf('\n', start)
    if (end === -1) throw new EnvelopeError('truncated', 'The last line does not end with a line feed.')
    if (lines.length === maxLines) throw new EnvelopeError('too_large', `More than ${maxLines - 2} events.`)
    lines.push(text.slice(start, end))
    start = end + 1
  }
  return lines
}

function line(value: object): string {
  return `${JSON.stringify(value)}\n`
}
