import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { openapiOf } from '../../agent/contract/openapi.ts'
import { openapiCopy } from '../../agent/http/openapi-copy.ts'
import { CONTRACT, DESCRIBED, EXAMPLES } from '../contract.ts'

const made = openapiOf(CONTRACT, { ...DESCRIBED, version: '0.0.9', url: 'http://127.0.0.1:1' }, EXAMPLES)
const AGENT = { ...DESCRIBED, url: 'http://192.168.1.7:7070' }

/** A document that was written some seconds after its only source was changed. */
function writtenAfter(seconds: number) {
  const folder = mkdtempSync(join(tmpdir(), 'document-'))
  const [file, source] = [join(folder, 'openapi.json'), join(folder, 'agent', 'contract', 'scalars.ts')]
  mkdirSync(dirname(source), { recursive: true })
  writeFileSync(source, '')
  writeFileSync(file, JSON.stringify(made, undefined, 2))
  utimesSync(source, 1_000_000, 1_000_000)
  utimesSync(file, 1_000_000 + seconds, 1_000_000 + seconds)
  return { file, source, sources: join(folder, 'agent') }
}

test('a written document is answered as the made one, with the version and address of the agent', () => {
  expect(openapiCopy(CONTRACT, AGENT, writtenAfter(5))).toBe(JSON.stringify(openapiOf(CONTRACT, AGENT, EXAMPLES)))
  // A package gives all files one time.
  expect(openapiCopy(CONTRACT, AGENT, writtenAfter(0))).toBeDefined()
})

test('a written document older than a source is not answered, nor one of other laws, nor one that is missing', () => {
  expect(openapiCopy(CONTRACT, AGENT, writtenAfter(-1))).toBeUndefined()
  const { FiscalIdentityITA: _italy, ...components } = CONTRACT.components
  expect(openapiCopy({ ...CONTRACT, components }, AGENT, writtenAfter(5))).toBeUndefined()
  const missing = writtenAfter(5)
  rmSync(missing.file)
  expect(openapiCopy(CONTRACT, AGENT, missing)).toBeUndefined()
})
