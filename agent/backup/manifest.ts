import { hash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceConcurrently } from '../../base/durable-file.ts'

const MANIFEST_FILE = 'backup.parts'
export const MANIFEST_TYPE = 'application/vnd.fiskal-edge.blob-parts+json'

/** A run of bytes of a backup; `sha256` hex. */
export type Part = { sha256: string; bytes: number }

/** The parts of a backup, to be joined in order. `seq` and `head`: its last event, in the numbers of `chain`. */
export type Manifest = Part & {
  t: 'blob_parts'
  v: 1
  name: string
  agent: string
  chain: string
  epoch: number
  seq: number
  head: string
  created_at: string
  events: number
  secrets: boolean
  parts: Part[]
}

/** Stores the manifest of the newest backup. Returns its digest and size. */
export async function keepManifest(stateDirectory: string, manifest: Manifest): Promise<Part> {
  const text = Buffer.from(JSON.stringify(manifest))
  replaceConcurrently(join(stateDirectory, MANIFEST_FILE), text, 0o644)
  return { bytes: text.length, sha256: hash('sha256', text) }
}

/** Undefined if there is no manifest. */
export async function readManifest(
  stateDirectory: string,
): Promise<{ manifest: Manifest; text: Uint8Array } | undefined> {
  try {
    const text = await readFile(join(stateDirectory, MANIFEST_FILE))
    return { manifest: JSON.parse(text.toString()) as Manifest, text }
  } catch {
    // The file does not exist, or a person tore it: the next backup writes it again.
    return undefined
  }
}
