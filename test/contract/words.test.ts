import { expect, test } from 'vitest'
import * as z from 'zod'
import { openapiOf } from '../../agent/contract/openapi.ts'
import type { Route } from '../../agent/contract/route.ts'
import { routes } from '../../agent/contract/routes.ts'
import { money } from '../../agent/contract/scalars.ts'
import { CONTRACT, DESCRIBED } from '../contract.ts'

type Schema = {
  description?: string
  properties?: Record<string, Schema>
  items?: Schema
  allOf?: Schema[]
  anyOf?: Schema[]
  oneOf?: Schema[]
  $ref?: string
}
type Document = { components: { schemas: Record<string, Schema> } }

const document = JSON.parse(JSON.stringify(openapiOf(CONTRACT, DESCRIBED))) as Document
const rows = (Object.values(routes) as readonly Route[]).filter(({ listed }) => listed !== false)

/** The members without a description, also those of inner objects. */
function undescribed(schema: Schema, path: string): string[] {
  const { properties = {}, items, allOf = [], anyOf = [], oneOf = [] } = schema
  const inner = [...allOf, ...anyOf, ...oneOf, ...(items === undefined ? [] : [items])]
  return [
    ...Object.entries(properties).flatMap(([name, member]) => [
      ...(isSaid(member.description ?? scalarAt(member.$ref)?.description) ? [] : [`${path}.${name}`]),
      ...undescribed(member, `${path}.${name}`),
    ]),
    ...inner.flatMap((each) => undescribed(each, path)),
  ]
}

/** A scalar with a name says what it is in each place. */
function scalarAt(ref: string | undefined): Schema | undefined {
  const schema = document.components.schemas[ref?.split('/').at(-1) ?? '']
  return schema?.properties === undefined && schema?.oneOf === undefined && schema?.allOf === undefined
    ? schema
    : undefined
}

function isSaid(description: string | undefined): boolean {
  // The name of a column or a number alone explains nothing.
  return description !== undefined && /\S \S/.test(description)
}

test('every component and every member of one has a description', () => {
  const missing = Object.entries(document.components.schemas).flatMap(([name, schema]) => [
    ...(isSaid(schema.description) ? [] : [name]),
    ...undescribed(schema, name),
  ])
  expect(missing).toEqual([])
})

test('every operation says in its own words what it does, when a till needs it and what follows', () => {
  const missing = rows.filter(({ description = '' }) => description.length < 25).map(({ operationId }) => operationId)
  expect(missing).toEqual([])
})

test('every parameter has a description', () => {
  const paths = Reflect.get(document, 'paths') as Record<string, Record<string, { parameters?: Schema[] }>>
  const shared = Reflect.get(document.components, 'parameters') as Record<string, Schema> | undefined
  const parameters = Object.values(paths).flatMap((path) =>
    Object.values(path).flatMap((each) => each.parameters ?? []),
  )
  const missing = [...parameters, ...Object.values(shared ?? {})].filter(
    (parameter) => !('$ref' in parameter) && !isSaid(parameter.description),
  )
  expect(missing).toEqual([])
})

test('describes every amount that a till sends, with its sign', () => {
  const { pattern } = z.toJSONSchema(money)
  const sent = Object.entries(document.components.schemas).filter(([name]) => /^Create.*Dto$/.test(name))
  const amounts = sent.flatMap(([name, { properties = {} }]) =>
    Object.entries(properties)
      .map(([member, schema]) => [member, scalarAt(schema.$ref) ?? schema] as const)
      .filter(([, schema]) => JSON.stringify(schema).includes(JSON.stringify(pattern)))
      .map(([member, { description }]) => ({ member: `${name}.${member}`, description })),
  )
  expect(amounts.length).toBeGreaterThan(20)
  expect(amounts.filter(({ description }) => description === undefined)).toEqual([])
})
