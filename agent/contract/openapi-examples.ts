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

/** A reference is not much shorter than a shorter answer. */
const SHARED_FROM_BYTES = 200

/**
 * Adds the steps of the scenario to the operations: each request, and of the answers with one status the first, which has
 * the name of its request. An answer has up to 3 KB, and the document must stay below 448 KiB: those that several
 * operations give are components.
 */
export class DocumentExamples {
  /** The answers that several operations give, by the first step that has it. */
  readonly components: JsonObject
  readonly #steps = new Map<string, PlayedStep[]>()
  /** Names of the components, by the text of the answer. */
  readonly #shared = new Map<string, string>()

  constructor(played: readonly PlayedStep[]) {
    for (const step of played) this.#steps.set(step.operationId, [...(this.#steps.get(step.operationId) ?? []), step])
    const firsts = new Map<string, PlayedStep[]>()
    for (const steps of this.#steps.values())
      for (const step of firstOfEachStatus(steps)) {
        const text = JSON.stringify(step.answer.value)
        if (text.length >= SHARED_FROM_BYTES) firsts.set(text, [...(firsts.get(text) ?? []), step])
      }
    const components: Record<string, Json> = {}
    for (const [text, [first, ...others]] of firsts) {
      if (first === undefined || others.length === 0) continue
      this.#shared.set(text, first.name)
      components[first.name] = { value: first.answer.value }
    }
    this.components = components
  }

  /** The operation with its examples. An importer takes the first of each. */
  addTo<Described extends Operation>(operation: Described): Described {
    const steps = this.#steps.get(operation.operationId)
    if (steps === undefined) return operation
    const parameters = operation.parameters.map((parameter) => exampledParameter(parameter, steps))
    const body = named(steps, (step) => step.body && { value: step.body })
    const requestBody = operation.requestBody && exampledContent(operation.requestBody, body)
    const responses = Object.entries(operation.responses).map(([status, response]) => {
      // A body has the summary of its step already.
      const answered = steps.filter((step) => answerOf(step, Number(status)) !== undefined).slice(0, 1)
      const answers = named(answered, (step) => this.#exampleOf(answerOf(step, Number(status))), body !== undefined)
      return [status, exampledContent(response as JsonObject, answers)]
    })
    return { ...operation, parameters, requestBody, responses: Object.fromEntries(responses) }
  }

  #exampleOf(value: Json | undefined): object | undefined {
    if (value === undefined) return undefined
    const name = this.#shared.get(JSON.stringify(value))
    return name === undefined ? { value } : { $ref: `#/components/examples/${name}` }
  }
}

function firstOfEachStatus(steps: readonly PlayedStep[]): PlayedStep[] {
  return steps.filter((step, at) => steps.findIndex(({ status }) => status === step.status) === at)
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
  pick: (step: PlayedStep) => object | undefined,
  isTold = false,
): JsonObject | undefined {
  return members(
    steps.map((step) => {
      const example = pick(step)
      return [step.name, example && { ...(!isTold && { summary: step.summary }), ...example }]
    }),
  )
}

/** Undefined without a value: an empty object would be no example. */
function members(all: readonly (readonly [name: string, example: object | undefined])[]): JsonObject | undefined {
  const entries = all.filter(([, example]) => example !== undefined)
  return entries.length === 0 ? undefined : (Object.fromEntries(entries) as JsonObject)
}
