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

/**
 * Adds the steps of the scenario to the operations: each request, and of the answers with one status the first, which has
 * the name of its request. An answer has up to 3 KB, and the document must stay below 400 KiB.
 */
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
      // A body has the summary of its step already.
      const answered = steps.filter((step) => answerOf(step, Number(status)) !== undefined).slice(0, 1)
      const answers = named(answered, (step) => answerOf(step, Number(status)), body !== undefined)
      return [status, exampledContent(response as JsonObject, answers)]
    })
    return { ...operation, parameters, requestBody, responses: Object.fromEntries(responses) }
  }
}

/** Ids of the path and the Idempotency-Key are other ones in each step. */
function exampledParameter(parameter: JsonObject, steps: readonly PlayedStep[]): JsonObject {
  const name = String(parameter['name'])
  const values = steps.map(({ name: step, key, path }) => {
    if (parameter['in'] === 'path') return [step, path?.[name]] as const
    return [step, name === 'Idempotency-Key' ? key : undefined] as const
  })
  const examples = members(values.map(([step, value]) => [step, value === undefined ? undefined : { value }]))
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

function named(
  steps: readonly PlayedStep[],
  pick: (step: PlayedStep) => Json | object | undefined,
  isTold = false,
): JsonObject | undefined {
  return members(
    steps.map((step) => {
      const value = pick(step)
      return [step.name, value === undefined ? undefined : { ...(!isTold && { summary: step.summary }), value }]
    }),
  )
}

/** Undefined without a value: an empty object would be no example. */
function members(all: readonly (readonly [name: string, example: object | undefined])[]): JsonObject | undefined {
  const entries = all.filter(([, example]) => example !== undefined)
  return entries.length === 0 ? undefined : (Object.fromEntries(entries) as JsonObject)
}
