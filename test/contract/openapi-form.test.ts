import { expect, test } from 'vitest'
import * as z from 'zod'
import { errorDto } from '../../agent/contract/error.ts'
import { operation } from '../../agent/contract/operation.ts'
import type { ErrorCode } from '../../agent/errors.ts'
import { ERRORS } from '../../agent/errors.ts'
import { CONTRACT } from '../contract.ts'
import { document, nested, operations, parametersOf, responseOf, rows } from './openapi-document.ts'

type Schema = { [keyword: string]: unknown; properties?: Record<string, Schema>; required?: string[]; allOf?: Schema[] }
const schemas = document.components.schemas as Record<string, Schema>

/** The names that a schema refers to, directly and through others. */
function reachedFrom(start: unknown, reached = new Set<string>()): Set<string> {
  for (const [, name = ''] of JSON.stringify(start).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
    if (reached.has(name)) continue
    reachedFrom(schemas[name], reached.add(name))
  }
  return reached
}

/** All members of a schema, those of its bases included, and which of them are required. */
function merged(schema: Schema): { members: Record<string, Schema>; required: string[] } {
  const bases = (schema.allOf ?? []).map((each) => merged(each['$ref'] === undefined ? each : named(each['$ref'])))
  return {
    members: Object.assign({}, ...bases.map(({ members }) => members), schema.properties),
    required: [...bases.flatMap(({ required }) => required), ...(schema.required ?? [])],
  }
}

function named(reference: unknown): Schema {
  return schemas[String(reference).split('/').at(-1) ?? ''] ?? {}
}

test('answers of operations extend their envelope, goods the movement; the union has its discriminator', () => {
  const { oneOf, discriminator } = schemas['Operation'] as unknown as {
    oneOf: { $ref: string }[]
    discriminator: { propertyName: string; mapping: Record<string, string> }
  }
  expect(discriminator.propertyName).toBe('type')
  expect(Object.values(discriminator.mapping).sort()).toEqual(oneOf.map(({ $ref }) => $ref).sort())
  for (const [type, reference] of Object.entries(discriminator.mapping)) {
    const { allOf: [base, own] = [] } = named(reference)
    const name = type.startsWith('session_') || type === 'order_move' ? 'OperationEnvelope' : 'GoodsMovement'
    expect(base, type).toEqual({ $ref: `#/components/schemas/${name}` })
    expect(own?.properties?.['type']).toMatchObject({ type: 'string', const: type })
    const inherited = new Set(Object.keys(merged(schemas[name] ?? {}).members))
    // A member is repeated only if it differs from that of the base.
    expect(Object.keys(own?.properties ?? {}).filter((member) => inherited.has(member))).toEqual(
      type === 'session_cash_count' ? ['hints'] : [],
    )
  }
  expect(schemas['GoodsMovement']?.allOf?.[0]).toEqual({ $ref: '#/components/schemas/OperationEnvelope' })
})

test('an answer has the members that its check in zod has, which stays strict', () => {
  for (const option of CONTRACT.of(operation).options) {
    const { properties = {}, required = [], additionalProperties } = z.toJSONSchema(option, { io: 'input' })
    expect(additionalProperties).toBe(false)
    const type = String(Object(properties['type'])['const'])
    const name = Object.entries(CONTRACT.components).find(([, schema]) => schema === option)?.[0] ?? ''
    const whole = merged(schemas[name] ?? {})
    expect(Object.keys(whole.members).sort(), type).toEqual(Object.keys(properties).sort())
    expect(new Set(whole.required), type).toEqual(new Set(required))
  }
})

test('requests are closed and answers are open, nested objects too', () => {
  const sent = reachedFrom(operations().map(({ requestBody }) => requestBody))
  for (const name of ['Address', 'Customer', 'ExternalRelatedOperation', 'Cashier', 'CountryCode', 'Metadata'])
    expect(sent, name).toContain(name)
  expect(sent.size).toBeLessThan(Object.keys(schemas).length / 2)
  const violations = [...nested(schemas, '')].filter(([place, schema]) => {
    const name = place.split('/')[1] ?? ''
    const isObject = 'properties' in schema && 'type' in schema && !place.endsWith('/properties')
    return isObject && (Reflect.get(schema, 'additionalProperties') === false) !== sent.has(name)
  })
  expect(violations.map(([place]) => place)).toEqual([])
})

test('no component and no body has a default, and a nullable scalar is one schema with two types', () => {
  const members = [...nested(schemas, ''), ...nested(document.paths, 'paths')]
  const inSchemas = members.filter(([place]) => !/\/(properties|parameters\/\d+\/schema)$/.test(place))
  expect(inSchemas.filter(([, schema]) => 'default' in schema).map(([place]) => place)).toEqual([])
  const pairs = members.filter(([, schema]) => {
    const { anyOf } = schema as { anyOf?: Schema[] }
    return (
      anyOf?.some(({ type }) => type === 'null') === true &&
      anyOf.some(({ type }) => /^(str|num|int|bool)/.test(`${type}`))
    )
  })
  expect(pairs.map(([place]) => place)).toEqual([])
  expect(merged(schemas['SyncTarget'] ?? {}).members['warning']).toMatchObject({
    type: ['string', 'null'],
    enum: ['sync_delayed', 'sync_delayed_long', null],
  })
  expect(merged(schemas['OperationEnvelope'] ?? {}).members['voided_at']).toMatchObject({ type: ['string', 'null'] })
})

test('a status has one answer for all operations, of JSON alone, with an example that fits', () => {
  for (const [name, { content }] of Object.entries(document.components.responses)) {
    expect(Object.keys(content), name).toEqual(['application/json'])
    const examples = Object.entries(content['application/json']?.examples ?? {}) as [ErrorCode, { value: unknown }][]
    expect(examples.length, name).toBe(1)
    for (const [code, { value }] of examples) {
      expect(errorDto.parse(value)).toMatchObject({ code, status: ERRORS[code].status, title: ERRORS[code].title })
    }
  }
  const answers = operations().flatMap((each) =>
    Object.entries(each.responses).map(([status, answer]) => ({ status, answer })),
  )
  const refusals = answers.filter(({ status }) => Number(status) >= 400)
  const shared = refusals.filter(({ answer }) => Object.hasOwn(Object(answer), '$ref'))
  expect(shared.length).toBeGreaterThan(300)
  expect(new Set(shared.map(({ status, answer }) => `${status} ${JSON.stringify(answer)}`)).size).toBe(
    Object.keys(document.components.responses).length,
  )
})

test('an operation whose answer is not JSON describes no content of its refusals', () => {
  const others = rows.filter(({ success: { schema } }) => schema === undefined)
  expect(others.length).toBeGreaterThan(3)
  for (const { path, methods } of others) {
    const operation = document.paths[path]?.[methods[0]]
    const statuses = Object.keys(operation?.responses ?? {}).filter((status) => Number(status) >= 400)
    expect(statuses.length, path).toBeGreaterThan(2)
    for (const status of statuses) expect(operation?.responses[status], path).not.toHaveProperty('content')
    for (const status of statuses) expect(operation?.responses[status], path).toHaveProperty('description')
    expect(responseOf(operation, 429)).toHaveProperty('headers.Retry-After')
  }
})

test('Idempotency-Key, and If-Match if 428 is answered, are required, and Prefer begins with what does the act', () => {
  for (const operation of operations()) {
    const parameters = new Map(parametersOf(operation).map((parameter) => [parameter.name, parameter]))
    expect(parameters.get('If-Match')?.required ?? false, operation.operationId).toBe('428' in operation.responses)
    const key = parameters.get('Idempotency-Key')
    expect(key?.required, operation.operationId).toBe(key && true)
    const prefer = parameters.get('Prefer')
    expect(prefer?.schema.enum ?? []).toEqual(prefer === undefined ? [] : ['return=representation', 'dry-run'])
    expect(prefer?.example).toBe(prefer && 'return=representation')
  }
})

test('an optional parameter has an example that fits, and one of several operations is a component', () => {
  const inline = operations().flatMap(({ parameters }) => parameters.flatMap((each) => ('$ref' in each ? [] : [each])))
  const texts = inline
    .filter(({ name, in: place }) => place !== 'path' && name !== 'Idempotency-Key')
    .map((each) => JSON.stringify(each))
  expect(texts.filter((each, at) => texts.indexOf(each) !== at)).toEqual([])
  const optional = operations()
    .flatMap(parametersOf)
    .filter(({ name, required }) => !required && name !== 'Idempotency-Key')
  expect(optional.length).toBeGreaterThan(50)
  for (const { name, example, schema } of optional) {
    expect(example, name).toBeDefined()
    expect(z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]).safeParse(example).success, name).toBe(
      true,
    )
  }
  for (const name of ['cursor', 'Last-Event-ID'])
    expect(optional.filter((each) => each.name === name).map(({ example }) => example)).toContain('')
})

test('a parameter of a path says what it names', () => {
  const words = Object.entries(document.paths).flatMap(([path, each]) =>
    Object.values(each as object)
      .flatMap((operation) => operation.parameters ?? [])
      .filter((parameter: { in?: string }) => parameter.in === 'path')
      .map(({ description }: { description: string }) => [path.split('/')[2] ?? '', description] as const),
  )
  const OTHERS: Readonly<Record<string, RegExp>> = { duties: /^Id of a duty/, '{code}': /^The `code` of a refusal/ }
  expect(words.length).toBeGreaterThan(30)
  expect(words.filter(([resource, text]) => !(OTHERS[resource] ?? /^Id: `[a-z]+_…`/).test(text))).toEqual([])
})

test('the platform key is the first that an operation names', () => {
  for (const { operationId, security } of operations()) {
    const names = security.map((scheme) => Object.keys(scheme)[0] ?? 'none')
    const all = ['', 'BearerAuth', 'BearerAuth RegisterKeyAuth', 'BearerAuth RegisterKeyAuth none']
    expect(all, operationId).toContain(names.join(' '))
  }
})

test('a summary is short and begins with a verb, and an operation has a description and one tag', () => {
  for (const { operationId, summary, description, tags } of operations()) {
    expect(summary.length, operationId).toBeLessThanOrEqual(60)
    expect(summary).toMatch(
      /^(Create|List|Read|Change|Make|Retire|Start|Complete|Void|Explain|Log|Close|Fetch|Check|Follow|Draw|Print) /,
    )
    expect(description, operationId).not.toBe('')
    expect(tags.length, operationId).toBe(1)
  }
})
