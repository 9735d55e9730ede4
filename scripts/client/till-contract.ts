import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { slowness } from '../tests/slowness.ts'

type Json = null | boolean | number | string | readonly Json[] | { readonly [member: string]: Json }
type Members = { readonly [member: string]: Json }

/** The operations of a till: it neither sets a shop up nor reads its books. */
const OPERATIONS = [
  'CashDrawerOpeningsController_create',
  'OperationsController_amend',
  'OperationsController_complete',
  'OperationsController_create',
  'OperationsController_get',
  'OperationsController_issue',
  'OperationsController_list',
  'OperationsController_receipt',
  'OperationsController_voidOperation',
  'RegistersController_list',
  'RegistersController_session',
] as const

const ROOT = join(import.meta.dirname, '..', '..')
/** `scripts/bootstrap.cjs` installs it with the other generators. */
const GENERATOR = join(ROOT, 'node_modules/.cache/generators/node_modules/openapi-typescript/bin/cli.js')
const LIMIT_MS = 60_000 * slowness()

export const OPENAPI = join(ROOT, 'clients/openapi.json')
export const CONTRACT = join(ROOT, 'clients/typescript/src/generated/contract.ts')

/** The types of the schemas that a till reaches, as openapi-typescript writes them. */
export function contractTypes(): string {
  const folder = mkdtempSync(join(tmpdir(), 'contract-'))
  try {
    const [from, to] = [join(folder, 'till.json'), join(folder, 'contract.ts')]
    writeFileSync(from, JSON.stringify(tillDocument(JSON.parse(readFileSync(OPENAPI, 'utf8')) as Members)))
    const { status, stderr, error } = spawnSync(process.execPath, [GENERATOR, from, '-o', to], { timeout: LIMIT_MS })
    if (status !== 0) throw new Error(`openapi-typescript failed: ${error?.message ?? String(stderr)}`)
    return readFileSync(to, 'utf8')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Without paths and examples, and with the schemas alone that the operations of a till reach. */
export function tillDocument(document: Members): Members {
  const components = document['components'] as Members
  const schemas = components['schemas'] as Members
  const operations = Object.values(document['paths'] as Members)
    .flatMap((path) => Object.values(path as Members))
    .filter((operation) => OPERATIONS.some((id) => id === (operation as Members)['operationId']))
  if (operations.length !== OPERATIONS.length) throw new Error('an operation of a till is not in the document')
  const reached = new Set<string>()
  const waiting = [...namesIn(operations), ...namesIn(components['responses'] ?? {})]
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (reached.has(name)) continue
    reached.add(name)
    waiting.push(...namesIn(schemas[name] ?? {}))
  }
  const kept = Object.entries(schemas).filter(([name]) => reached.has(name))
  const { openapi = '3.1.0', info = {} } = document
  return { openapi, info, paths: {}, components: { schemas: Object.fromEntries(kept.map(withoutExamples)) } }
}

function withoutExamples([name, schema]: [string, Json]): [string, Json] {
  const text = JSON.stringify(schema, (member, value: Json) => (member === 'examples' ? undefined : value))
  return [name, JSON.parse(text) as Json]
}

function namesIn(value: Json): string[] {
  return [...JSON.stringify(value).matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name = '']) => name)
}
