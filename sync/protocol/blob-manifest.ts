import { bytesOf, members, parseObject, textOf, wholeNumber } from './json.ts'

/** A blob that lists the parts of a larger one. */
export const MANIFEST_TYPE = 'application/vnd.fiskal-edge.blob-parts+json'
/** Maximum size of one blob. */
export const BLOB_BYTES = 8 << 20
const PARTS_MOST = 100_000

export type BlobPart = { readonly sha256: string; readonly bytes: number }

/**
 * A backup in parts: joined in order they are the file, `bytes` long, with `sha256`. `seq` and `head`: its last event,
 * in the numbers of `chain`; `createdAt` RFC 3339; `secrets`: it contains sealed keys.
 */
export type BlobManifest = BlobPart & {
  readonly name: string
  readonly agent: string
  readonly chain: string
  readonly epoch: number
  readonly seq: number
  readonly head: string
  readonly createdAt: string
  readonly secrets: boolean
  readonly parts: readonly BlobPart[]
}

export function isSha256(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)
}

/** Undefined if the bytes are not a manifest, or its parts do not add up. */
export function parseManifest(bytes: Uint8Array): BlobManifest | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')
  const manifest = parseObject(text)
  if (manifest?.['t'] !== 'blob_parts' || manifest['v'] !== 1) return undefined
  const { name, agent, chain, head, created_at } = manifest
  const texts = [name, agent, chain, created_at].map((value) => textOf(value)?.slice(0, 200))
  const whole = partOf(manifest)
  const parts = partsOf(manifest['parts'])
  const [epoch, seq] = [wholeNumber(manifest['epoch'], 1), wholeNumber(manifest['seq'])]
  const sum = parts?.reduce((total, part) => total + part.bytes, 0)
  if (whole === undefined || parts === undefined || sum !== whole.bytes || texts.includes(undefined)) return undefined
  if (epoch === undefined || seq === undefined || bytesOf(head, 32) === undefined) return undefined
  const [named = '', agentId = '', chainId = '', createdAt = ''] = texts
  const about = { name: named, agent: agentId, chain: chainId, epoch, seq, head: String(head), createdAt }
  return { ...whole, ...about, secrets: manifest['secrets'] === true, parts }
}

function partsOf(value: unknown): readonly BlobPart[] | undefined {
  if (!Array.isArray(value) || value.length === 0 || value.length > PARTS_MOST) return undefined
  const parts = value.flatMap((part: unknown) => partOf(members(part) ?? {}) ?? [])
  return parts.length === value.length && parts.every(({ bytes }) => bytes <= BLOB_BYTES) ? parts : undefined
}

function partOf({ sha256, bytes }: { readonly [member: string]: unknown }): BlobPart | undefined {
  const size = wholeNumber(bytes, 1)
  return isSha256(sha256) && size !== undefined ? { sha256, bytes: size } : undefined
}
