import type { Route } from './route.ts'
import { routes } from './routes.ts'
import type { Step } from './scenario.ts'

/** A step as it is sent, but for the key of its sender. */
export type StepRequest = {
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly query: readonly (readonly [name: string, value: string])[]
  readonly headers: Readonly<Record<string, string>>
  readonly body: object | undefined
}

const ROWS: ReadonlyMap<string, Route> = new Map(
  Object.values(routes).map((row: Route) => [row.operationId, row] as const),
)

/** Resources of the scenario are changed in their first version, or the step names another one. */
const IF_MATCH = '"1"'

/** `businessDate`: in place of the literal of the scenario. */
export function requestOf(step: Step, businessDate: string): StepRequest {
  const row = ROWS.get(step.operationId)
  if (row === undefined) throw new Error(`no route has the operationId ${step.operationId}`)
  return {
    method: row.methods[0].toUpperCase(),
    path: row.path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => step.path?.[name] ?? ''),
    query: Object.entries(step.query ?? {}),
    headers: {
      ...(step.key !== undefined && { 'Idempotency-Key': step.key }),
      ...(row.ifMatch && { 'If-Match': IF_MATCH }),
      ...(step.body !== undefined && { 'Content-Type': 'application/json' }),
      ...step.headers,
    },
    body: step.body && 'business_date' in step.body ? { ...step.body, business_date: businessDate } : step.body,
  }
}
