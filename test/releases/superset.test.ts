import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from '../cli/command.ts'
import { apiBreaks, inputBreaks } from './superset.ts'

type Node = { [member: string]: Node }

const TEXT = readFileSync(join(ROOT, 'clients/openapi.json'), 'utf8')
const FORMER: unknown = JSON.parse(TEXT)

/** Today's document with a change. */
function changed(change: (schemas: Node, paths: Node) => void): string[] {
  const document = JSON.parse(TEXT) as { components: { schemas: Node }; paths: Node }
  change(document.components.schemas, document.paths)
  return apiBreaks(FORMER, document)
}

function at(node: Node | undefined, ...path: readonly string[]): Node {
  const found = path.reduce<Node | undefined>((inner, name) => inner?.[name], node)
  if (found === undefined) throw new Error(`no ${path.join('.')}`)
  return found
}

function without(list: Node, word: string): Node {
  return (list as unknown as string[]).filter((one) => one !== word) as never
}

test('a document is a superset of the same document', () => {
  expect(apiBreaks(FORMER, FORMER)).toEqual([])
})

test.each<[string, RegExp, (schemas: Node, paths: Node) => void]>([
  ['a route that is gone', /\/void: is gone/, (_, paths) => delete paths['/v1/operations/{id}/void']],
  [
    'another operationId',
    /another operationId/,
    (_, paths) => Object.assign(at(paths, '/v1/sync', 'get'), { operationId: 'x' }),
  ],
  [
    'an answer without a member',
    /\.z_numbers: is gone/,
    ({ Closing }) => delete at(Closing, 'properties')['z_numbers'],
  ],
  [
    'a member of an answer that may be missing',
    /may have no status/,
    ({ Register }) => Object.assign(Register ?? {}, { required: without(at(Register, 'required'), 'status') }),
  ],
  [
    'a member of an answer that may be null',
    /\.created_at: may be null/,
    ({ Closing }) => Object.assign(at(Closing, 'properties', 'created_at'), { type: ['string', 'null'] }),
  ],
  [
    'a member of an answer of another type',
    /\.resource_version: may be string/,
    ({ OperationEnvelope }) =>
      Object.assign(at(OperationEnvelope, 'properties', 'resource_version'), { type: 'string' }),
  ],
  [
    'an answer without a word',
    /\.code: never has not_found/,
    ({ ErrorDto }) => {
      const code = at(ErrorDto, 'properties', 'code')
      Object.assign(code, { enum: without(at(code, 'enum'), 'not_found') })
    },
  ],
  [
    'a status that is gone',
    /GET \/v1\/operations\/\{id\} 404: is gone/,
    (_, paths) => delete at(paths, '/v1/operations/{id}', 'get', 'responses')['404'],
  ],
  [
    'a request without a member',
    /\.metadata: is gone/,
    ({ CreateMerchantDto }) => delete at(CreateMerchantDto, 'properties')['metadata'],
  ],
  [
    'a request that requires more',
    /requires metadata/,
    ({ CreateMerchantDto: dto }) =>
      Object.assign(dto ?? {}, { required: [...(at(dto, 'required') as never as string[]), 'metadata'] }),
  ],
  [
    'a request with a narrower limit',
    /\.name: has another maxLength/,
    ({ CreateRegisterDto }) => Object.assign(at(CreateRegisterDto, 'properties', 'name'), { maxLength: 5 }),
  ],
  [
    'a request without a word',
    /: takes no card/,
    ({ PaymentMethod: method }) => {
      Object.assign(method ?? {}, { enum: without(at(method, 'enum'), 'card') })
    },
  ],
])('finds %s', (_name, found, change) => {
  expect(changed(change)).toContainEqual(expect.stringMatching(found))
})

test.each<[string, (schemas: Node, paths: Node) => void]>([
  [
    'a new member of an answer, and a new optional one of a request',
    ({ Closing, CreateMerchantDto }) => {
      for (const schema of [Closing, CreateMerchantDto])
        Object.assign(at(schema, 'properties'), { levy: { type: 'string' } })
    },
  ],
  [
    'a new word of an answer, and a new route',
    ({ ErrorDto }, paths) => {
      const code = at(ErrorDto, 'properties', 'code')
      Object.assign(code, { enum: [...(code['enum'] as never as string[]), 'levy_due'] })
      Object.assign(paths, { '/v1/levies': at(paths, '/v1/sync') })
    },
  ],
])('passes %s', (_name, change) => {
  expect(changed(change)).toEqual([])
})

test('a configuration keeps its keys and what they took', () => {
  const former = { type: 'object', properties: { a: { type: 'integer', maximum: 9 } }, additionalProperties: false }
  expect(inputBreaks(former, former)).toEqual([])
  const more = { ...former, properties: { ...former.properties, b: { type: 'string' } } }
  expect(inputBreaks(former, more)).toEqual([])
  expect(inputBreaks(more, former)).toEqual(['.b: is gone'])
  expect(inputBreaks(former, { ...more, required: ['b'] })).toEqual([': requires b'])
})
