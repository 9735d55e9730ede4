import { openapiOf } from '../../agent/contract/openapi.ts'
import type { Route } from '../../agent/contract/route.ts'
import { routes } from '../../agent/contract/routes.ts'
import { CONTRACT, DESCRIBED, EXAMPLES } from '../contract.ts'

export type Operation = {
  operationId: string
  summary: string
  tags: string[]
  security: object[]
  description: string
  parameters: (Parameter | { $ref: string })[]
  requestBody?: object
  responses: Record<string, unknown>
}

export type Document = {
  paths: Record<string, Record<string, Operation>>
  components: {
    schemas: Record<string, Record<string, unknown>>
    securitySchemes: Record<string, unknown>
    examples: Record<string, { value: unknown }>
    parameters: Record<string, Parameter>
    responses: Record<string, { description: string; headers?: object; content: Record<string, { examples: object }> }>
  }
}

export type Parameter = {
  name: string
  in: string
  required: boolean
  description?: string
  example?: unknown
  examples?: Record<string, { value: unknown }>
  schema: { description?: string; enum?: string[] }
}

export const text = JSON.stringify(openapiOf(CONTRACT, DESCRIBED, EXAMPLES))
export const document = JSON.parse(text) as Document
export const rows = (Object.values(routes) as readonly Route[]).filter(({ listed }) => listed !== false)

export function operations(): Operation[] {
  return Object.values(document.paths).flatMap((path) => Object.values(path))
}

export function parametersOf({ parameters }: Operation): Parameter[] {
  return parameters.flatMap((each) =>
    '$ref' in each ? (document.components.parameters[each.$ref.split('/').at(-1) ?? ''] ?? []) : [each],
  )
}

export function responseOf(operation: Operation | undefined, status: number): { headers?: object; content?: object } {
  const { $ref, ...inline } = (operation?.responses[String(status)] ?? {}) as { $ref?: string }
  return $ref === undefined ? inline : (document.components.responses[$ref.split('/').at(-1) ?? ''] ?? {})
}

/** Every object below a value, with its place. */
export function* nested(value: unknown, place: string): Generator<[string, object]> {
  if (typeof value !== 'object' || value === null) return
  yield [place, value]
  for (const [name, member] of Object.entries(value)) yield* nested(member, `${place}/${name}`)
}
