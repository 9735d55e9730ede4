import type { Json } from '../../base/canonical.ts'
import type { PlayedStep } from './examples.ts'
import type { JsonObject } from './json-schema.ts'
import { DRY_RUN_STATUS } from './route.ts'

type Operation = {
  readonly operationId: string
  readonly parameters: readonly JsonObject[]
  readonly requestBody: JsonObject | undefined
  readonly responses: JsonObject
}

/** Adds the steps of the scenario to the operations: each has the same name in request and answer. */
export class DocumentExamples {
  readonly #steps = new Map<string, PlayedStep[]>()

  constructor(played: readonly PlayedStep[]) {
    for (const step of played) this.#steps.set(step.operationId, [...(this.#steps.get(step.operationId) ?? []), step])
  }

  /** The operation with its examples. An importer takes the first of each. */
  addTo<Described extends Operation>(operation: Described): Described {
    const steps = this.#steps.get(operation.operationId)
    if (steps === undefined) return operation
    const parameters = operation.parameters.map((parameter) => exampledParameter(parameter, steps))
    const body = named(steps, (step) => step.body)
    const requestBody = operation.requestBody && exampledContent(operation.requestBody, body)
    const responses = Object.entries(operation.responses).map(([status, response]) => {
      const answers = named(steps, (step) => answerOf(step, Number(status)))
      return [status, exampledContent(response as JsonObject, answers)]
    })
    return { ...operation, parameters, requestBody, responses: Object.fromEntries(responses) }
  }
}

/** Ids of the path and the Idempotency-Key are other ones in each step. */
function exampledParameter(parameter: JsonObject, steps: readonly PlayedStep[]): JsonObject {
  const name = String(parameter['name'])
  const examples = named(steps, ({ key, path }) => {
    if (parameter['in'] === 'path') return path?.[name]
    return name === 'Idempotency-Key' ? key : undefined
  })
  if (examples === undefined) return parameter
  const { example: _general, ...others } = parameter
  return { ...others, examples }
}

function exampledContent(place: JsonObject, examples: JsonObject | undefined): JsonObject {
  const content = place['content']
  if (examples === undefined || content === undefined) return place
  const types = Object.entries(content as JsonObject).map(([type, media]) => [
    type,
    { ...(media as JsonObject), examples },
  ])
  return { ...place, content: Object.fromEntries(types) as Json }
}

function answerOf(step: PlayedStep, status: number): Json | undefined {
  if (step.status === status) return step.answer.value
  return status === DRY_RUN_STATUS ? step.trial : undefined
}

/** Undefined without a value: an empty object would be no example. */
function named(
  steps: readonly PlayedStep[],
  pick: (step: PlayedStep) => Json | object | undefined,
): JsonObject | undefined {
  const entries = steps.flatMap((step) => {
    const value = pick(step)
    return value === undefined ? [] : [[step.name, { summary: step.summary, value }] as const]
  })
  return entries.length === 0 ? undefined : (Object.fromEntries(entries) as JsonObject)
}
