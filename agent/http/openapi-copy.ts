import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Json } from '../../base/canonical.ts'
import type { Contract } from '../contract/contract-of.ts'
import type { DescribedAgent } from '../contract/openapi.ts'

/** A written document, and the folder of what it is made from. */
export type WrittenDocument = { readonly file: string; readonly sources: string }

const WRITTEN: WrittenDocument = {
  file: fileURLToPath(new URL('../../clients/openapi.json', import.meta.url)),
  sources: fileURLToPath(new URL('../', import.meta.url)),
}

type Copied = {
  info: { version: string; license: Json; contact: Json }
  servers: Json
  components: { schemas: Readonly<Record<string, Json>> }
}

/**
 * The OpenAPI document as it was written, with the version and the address of this agent: reading takes a third of the
 * time of making it. Undefined without a file, if a source is newer, or if other laws are served.
 */
export function openapiCopy(contract: Contract, agent: DescribedAgent, written = WRITTEN): string | undefined {
  const writtenMs = statSync(written.file, { throwIfNoEntry: false })?.mtimeMs
  if (writtenMs === undefined || isChangedSince(written.sources, writtenMs)) return undefined
  const document = JSON.parse(readFileSync(written.file, 'utf8')) as Copied
  const names = Object.keys(contract.components)
  const copied = document.components.schemas
  if (names.length !== Object.keys(copied).length || !names.every((name) => Object.hasOwn(copied, name)))
    return undefined
  document.info = {
    ...document.info,
    version: agent.version,
    contact: { name: agent.author },
    license: { name: agent.license, identifier: agent.license },
  }
  document.servers = [{ url: agent.url }]
  return JSON.stringify(document)
}

function isChangedSince(sources: string, writtenMs: number): boolean {
  return readdirSync(sources, { recursive: true, withFileTypes: true }).some(
    (entry) => entry.isFile() && statSync(join(entry.parentPath, entry.name)).mtimeMs > writtenMs,
  )
}
