import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import * as z from 'zod'
import type { Schema } from './document-schema.ts'
import { DocumentSchemas } from './document-schema.ts'

const TREE: Schema = { type: 'object', properties: { of: { $ref: '#/components/schemas/Tree' } } }
const A: Schema = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] }
const B: Schema = { type: 'object', properties: { b: { type: 'integer' } }, required: ['b'] }

const RULES: readonly { schema: Schema; fitting: unknown; others: readonly unknown[] }[] = [
  { schema: { $ref: '#/components/schemas/Tree' }, fitting: { of: { of: {} } }, others: [{ of: { of: [] } }, null] },
  { schema: { allOf: [A, B] }, fitting: { a: '', b: 1 }, others: [{ a: '' }, { b: 1 }] },
  { schema: { anyOf: [A, B] }, fitting: { a: '', b: 1 }, others: [{}, { a: 1, b: '' }] },
  { schema: { oneOf: [A, B] }, fitting: { a: '', b: '' }, others: [{}, { a: '', b: 1 }] },
  { schema: A, fitting: { a: '', c: 1 }, others: [{}, { a: 1 }, [], null, ''] },
  { schema: { ...A, additionalProperties: false }, fitting: { a: '' }, others: [{ a: '', c: 1 }] },
  { schema: { ...A, additionalProperties: B }, fitting: { a: '', c: { b: 1 } }, others: [{ a: '', c: 1 }] },
  { schema: { type: 'array', items: A, minItems: 1, maxItems: 2 }, fitting: [{ a: '' }], others: [[]] },
  { schema: { type: 'array', items: B, maxItems: 2 }, fitting: [], others: [[1], {}, [{ b: 1 }, { b: 1 }, { b: 1 }]] },
  { schema: { type: 'string', minLength: 1, maxLength: 2 }, fitting: 'ab', others: ['', 'abc', 1, null] },
  { schema: { type: 'string', pattern: '^a$' }, fitting: 'a', others: ['b'] },
  { schema: { type: 'string', enum: ['a', 'b'] }, fitting: 'a', others: ['c'] },
  { schema: { type: 'string', const: 'a' }, fitting: 'a', others: ['b'] },
  { schema: { type: ['string', 'null'], format: 'date-time' }, fitting: null, others: ['2026-01-01', 1] },
  { schema: { type: 'integer', minimum: 1, maximum: 2 }, fitting: 1, others: [0, 3, 1.5, '1'] },
  { schema: { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 }, fitting: 0.5, others: [0, 1] },
]

test.each(RULES)('a value fits $schema only if it keeps each keyword', ({ schema, fitting, others }) => {
  const schemas = new DocumentSchemas({ Tree: TREE })
  const fits = schemas.compiled(schema)
  expect(fits(fitting)).toBe(true)
  expect(others.filter(fits)).toEqual([])
  for (const other of others) expect(schemas.difference(schema, other)).toContain('✖')
})

test('a keyword that is not compared is refused, wherever it is', () => {
  const schemas = new DocumentSchemas({})
  for (const schema of [
    { multipleOf: 2 },
    { not: {} },
    { type: 'object', minProperties: 1 },
    { anyOf: [A], type: 'object' },
  ])
    expect(() => schemas.compiled({ type: 'array', items: schema as Schema })).toThrow('is not compared yet')
})

test('an operation of the document with one member less or changed fits exactly if Zod takes it', () => {
  const document = JSON.parse(readFileSync(join(import.meta.dirname, '../../clients/openapi.json'), 'utf8'))
  const { schemas: components, examples } = document.components
  const { schema } = document.paths['/v1/operations/{id}'].get.responses['200'].content['application/json']
  const { value: example } = examples['issued-1']
  const whole = JSON.stringify({ ...schema, $defs: components }).replaceAll('#/components/schemas/', '#/$defs/')
  const inZod = z.fromJSONSchema(JSON.parse(whole))
  const fits = new DocumentSchemas(components).compiled(schema)
  const verdicts = { taken: 0, refused: 0 }
  for (const value of [example, ...changedParts(example)]) {
    expect(fits(value), JSON.stringify(value)).toBe(inZod.safeParse(value).success)
    verdicts[fits(value) ? 'taken' : 'refused'] += 1
  }
  expect(verdicts.taken).toBeGreaterThan(20)
  expect(verdicts.refused).toBeGreaterThan(100)
})

/** Copies of a value with one part removed or replaced. */
function* changedParts(value: unknown): Generator<unknown> {
  if (typeof value !== 'object' || value === null) return
  const isList = Array.isArray(value)
  for (const [name, part] of Object.entries(value)) {
    const withPart = (other: unknown): unknown =>
      isList ? value.with(Number(name), other) : { ...value, [name]: other }
    yield isList
      ? value.toSpliced(Number(name), 1)
      : Object.fromEntries(Object.entries(value).filter(([n]) => n !== name))
    for (const other of [null, 'x', {}]) yield withPart(other)
    for (const other of changedParts(part)) yield withPart(other)
  }
}
