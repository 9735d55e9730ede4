import { readFileSync } from 'node:fs'
import { beforeEach, expect, test } from 'vitest'
import { CONTRACT, contractTypes, OPENAPI, tillDocument } from '../../../scripts/client/till-contract.ts'
import { smoke } from '../../tags.ts'
import { whyNoGenerators } from '../workbench.ts'

const whyNot = whyNoGenerators()
type Document = { components: { schemas: object } }

test('the document of a till has the schemas that a till reaches, without examples', () => {
  const document = JSON.parse(readFileSync(OPENAPI, 'utf8')) as Parameters<typeof tillDocument>[0]
  const { components } = tillDocument(document) as unknown as Document
  const names = Object.keys(components.schemas)
  expect(names).toEqual(expect.arrayContaining(['CreateOperationDto', 'ErrorDto', 'Operation', 'Receipt', 'Register']))
  expect(names).not.toContain('CreateMerchantDto')
  expect(JSON.stringify(components)).not.toContain('"examples"')
})

beforeEach(({ skip, task }) => {
  if (whyNot !== undefined && task.name.startsWith('the types')) skip(whyNot)
})

test('the types of the client are those of the document: node scripts/client-contract.ts', smoke(), () => {
  expect(readFileSync(CONTRACT, 'utf8')).toBe(contractTypes())
})
