import type { Json } from '../../base/canonical.ts'

type Example = { readonly value: Json }
type Parameter = {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly example?: Json
  readonly examples?: Readonly<Record<string, Example>>
}
type Operation = {
  readonly parameters?: readonly (Parameter | { readonly $ref: string })[]
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly examples?: Readonly<Record<string, Example>> }>>
  }
}
export type ImportedDocument = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly parameters?: Readonly<Record<string, Parameter>> }
}

/**
 * Sends what an importer makes of a document, in its order: each operation with the example of every parameter, optional
 * ones too, and the first example of its body. Returns what was not answered as a repetition of the scenario.
 */
export async function runDocument(document: ImportedDocument, { url, key }: { url: string; key: string }) {
  const requests = importedRequests(document)
  const failures: string[] = []
  for (const { method, path, headers, body } of requests) {
    const response = await fetch(new URL(path, url), {
      method,
      headers: [...headers, ['Authorization', `Bearer ${key}`]],
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    const isRepeated = method === 'GET' || response.headers.get('idempotent-replayed') === 'true'
    if (!response.ok || !isRepeated) failures.push(`${method} ${path}: ${response.status} ${text.slice(0, 300)}`)
  }
  return { sent: requests.length, failures }
}

type ImportedRequest = { method: string; path: string; headers: [string, string][]; body: Json | undefined }

function importedRequests(document: ImportedDocument): ImportedRequest[] {
  return Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => importedRequest(document, method, path, operation)),
  )
}

function importedRequest(
  document: ImportedDocument,
  method: string,
  template: string,
  operation: Operation,
): ImportedRequest {
  const query = new URLSearchParams()
  const headers: [string, string][] = []
  let path = template
  for (const row of operation.parameters ?? []) {
    const parameter = '$ref' in row ? document.components.parameters?.[row.$ref.split('/').at(-1) ?? ''] : row
    if (parameter === undefined) throw new Error(`${template}: a reference to nothing`)
    const value = String(parameter.example ?? firstOf(parameter.examples) ?? `no example of ${parameter.name}`)
    if (parameter.in === 'path') path = path.replace(`{${parameter.name}}`, value)
    else if (parameter.in === 'query') query.append(parameter.name, value)
    else headers.push([parameter.name, value])
  }
  const body = firstOf(operation.requestBody?.content['application/json']?.examples)
  if (body !== undefined) headers.push(['Content-Type', 'application/json'])
  return { method: method.toUpperCase(), path: query.size === 0 ? path : `${path}?${query}`, headers, body }
}

function firstOf(examples: Readonly<Record<string, Example>> | undefined): Json | undefined {
  return Object.values(examples ?? {})[0]?.value
}
