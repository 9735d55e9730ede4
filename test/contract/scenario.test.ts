import { expect, test } from 'vitest'
import { DRY_RUN_STATUS, takesKey } from '../../agent/contract/route.ts'
import { germanScenario } from '../../scripts/scenario/played.ts'
import { EXAMPLES } from '../contract.ts'
import { DocumentSchemas } from '../document-schemas.ts'
import { heavy } from '../tags.ts'
import type { Operation, Parameter } from './openapi-document.ts'
import { document, operations, parametersOf, responseOf, rows } from './openapi-document.ts'

type Example = { summary?: string; value?: unknown; $ref?: string }
type Media = { schema: object; examples?: Record<string, Example> }
type Content = Record<string, Media>

const schemas = new DocumentSchemas(document.components.schemas)

function exampleValues({ example, examples }: Parameter): readonly unknown[] {
  if (examples !== undefined) return Object.values(examples).map(({ value }) => value)
  return example === undefined ? [] : [example]
}

const SHARED: Readonly<Record<string, { value: unknown }>> = document.components.examples

/** An answer that several operations give is a component. */
function whole({ $ref, ...example }: Example): Example {
  const name = $ref?.replace('#/components/examples/', '')
  return name === undefined ? example : { ...example, ...SHARED[name] }
}

/** With the examples whole. */
function contentOf(place: object | undefined): [string, Media][] {
  return Object.entries((place as { content?: Content } | undefined)?.content ?? {}).map(([type, media]) => {
    const examples = Object.entries(media.examples ?? {}).map(([name, example]) => [name, whole(example)])
    return [type, { ...media, ...(media.examples && { examples: Object.fromEntries(examples) }) }]
  })
}

/** Every place of an operation that has a schema for a body. */
function placesOf(operation: Operation): [string, Media][] {
  const answers = Object.keys(operation.responses).flatMap((status) =>
    contentOf(responseOf(operation, Number(status))).map(([type, media]): [string, Media] => [
      `${status} ${type}`,
      media,
    ]),
  )
  return [...contentOf(operation.requestBody), ...answers].map(([place, media]) => [
    `${operation.operationId} ${place}`,
    media,
  ])
}

test('the scenario has the keys of a day of a shop, and each step is named by its key', () => {
  const keyed = EXAMPLES.filter(({ key }) => key !== undefined)
  expect(keyed.map(({ key }) => key)).toEqual(keyed.map(({ name }) => name))
  expect(keyed.map(({ name }) => name).join(' ')).toBe(
    'merchant-1 merchant-1-name location-1 location-1-name register-1 register-2 register-1-name ' +
      'register-1-fiscalize register-2-fiscalize open-1 sale-1 complete-1 issued-1 sale-2 amend-2 void-2 return-1 complete-r ' +
      'adjust-1 drawer-1 drawer-2 count-1 close-1 closing-1 export-1 register-2-decommission open-2 location-2 register-3 pos-1 pos-1-end',
  )
  expect(new Set(EXAMPLES.map(({ name }) => name)).size).toBe(EXAMPLES.length)
})

test('the examples are those of the scenario, and each change has a key', () => {
  const steps = EXAMPLES.map(({ answer: _answer, trial: _trial, ...step }) => step)
  expect(steps).toEqual(germanScenario())
  for (const step of germanScenario())
    expect(step.key !== undefined, step.name).toBe(
      rows.some((row) => row.operationId === step.operationId && takesKey(row)),
    )
})

test('every operation is a step, each request an example, and so is the first answer of each status', () => {
  expect(
    rows.map(({ operationId }) => operationId).filter((id) => !EXAMPLES.some((step) => step.operationId === id)),
  ).toEqual([])
  const answered = new Set<string>()
  for (const step of EXAMPLES) {
    const operation = operations().find(({ operationId }) => operationId === step.operationId)
    if (operation === undefined) throw new Error(`${step.name} is no operation of the document`)
    const summary = operation.requestBody === undefined ? step.summary : undefined
    // Refusals share one description.
    if (step.status >= 400) continue
    const answer = `${step.operationId} ${step.status}`
    const shown = answered.has(answer) ? undefined : { summary, value: step.answer.value }
    answered.add(answer)
    for (const [type, { examples = {} }] of contentOf(responseOf(operation, step.status)))
      expect(examples[step.name], `${step.name} ${type}`).toEqual(shown)
    const bodies = contentOf(operation.requestBody).map(([, { examples = {} }]) => examples[step.name])
    const body = step.body && { summary: step.summary, value: step.body }
    expect(bodies, step.name).toEqual(operation.requestBody === undefined ? [] : [body])
  }
})

test('every body and every answer has examples, each valid by its schema', heavy(), () => {
  const faults: string[] = []
  for (const [place, { schema, examples = {} }] of operations().flatMap(placesOf)) {
    if (Object.keys(examples).length === 0) faults.push(`${place}: no example`)
    for (const [name, { value }] of Object.entries(examples)) {
      const fault = schemas.judge(schema)(value)
      if (fault !== undefined) faults.push(`${place} ${name}: ${fault}`)
    }
  }
  expect(faults).toEqual([])
})

test('every parameter has an example that is valid by its schema', () => {
  const faults: string[] = []
  for (const operation of operations()) {
    for (const parameter of parametersOf(operation)) {
      const found = exampleValues(parameter).map(schemas.judge(parameter.schema))
      const fault = found.length === 0 ? 'no example' : found.find((each) => each !== undefined)
      if (fault !== undefined) faults.push(`${operation.operationId} ${parameter.name}: ${fault}`)
    }
  }
  expect(faults).toEqual([])
})

test('a dry run that creates nothing has an example of its answer', () => {
  const trials = rows.filter(({ dryRun, success }) => dryRun === true && success.status !== DRY_RUN_STATUS)
  expect(trials.map(({ operationId }) => operationId)).toEqual(['OperationsController_create'])
  const [create] = operations().filter(({ operationId }) => operationId === 'OperationsController_create')
  const [, media] = contentOf(responseOf(create, DRY_RUN_STATUS))[0] ?? []
  expect(Object.keys(media?.examples ?? {})).toEqual(['sale-1'])
})

test('the document with its examples stays below 448 KiB, and no list of them has more than two entries', () => {
  expect(Buffer.byteLength(JSON.stringify(document))).toBeLessThan(448 * 1024)
  for (const { name, answer, query } of EXAMPLES) {
    if (query?.['limit'] === undefined) continue
    expect((answer.value as { data: unknown[] }).data.length, name).toBeLessThanOrEqual(2)
  }
})
