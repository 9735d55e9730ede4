// @module-tag heavy
import { beforeEach, expect, test } from 'vitest'
import { openapiOf } from '../../agent/contract/openapi.ts'
import { CONTRACT, DESCRIBED } from '../contract.ts'
import { layOut, runScript, whyNoGenerators } from './workbench.ts'

const whyNot = whyNoGenerators()
beforeEach(({ skip }) => {
  if (whyNot !== undefined) skip(whyNot)
})

type Document = {
  info: { description?: string }
  paths: Record<string, Record<string, Record<string, unknown>>>
  components: {
    responses: Record<string, { content?: Record<string, { examples?: Record<string, { value: unknown }> }> }>
  }
}
const text = JSON.stringify(openapiOf(CONTRACT, DESCRIBED))

/** The document with a planted fault. */
function spoiled(change: (document: Document) => void): string {
  const document = JSON.parse(text) as Document
  change(document)
  return layOut(JSON.stringify(document))
}

/** Each example of a refusal becomes a number. */
function spoilExamples({ components }: Document): void {
  for (const { content = {} } of Object.values(components.responses))
    for (const { examples = {} } of Object.values(content))
      for (const example of Object.values(examples)) example.value = 7
}

async function redoclyFindings(folder: string): Promise<string[]> {
  const { out, err } = await runScript(folder, 'redocly', '--format', 'json', '--max-problems', '1000')
  expect(out, err).toMatch(/^\{/)
  const { problems } = JSON.parse(out) as {
    problems: { ruleId: string; message: string; location: { pointer?: string }[] }[]
  }
  return problems.map(({ ruleId, message, location }) => `${ruleId} ${location[0]?.pointer}: ${message}`)
}

async function spectralFindings(folder: string): Promise<string[]> {
  const { out, err } = await runScript(folder, 'spectral', '--format', 'json', '--quiet')
  expect(out, err).toMatch(/^\[/)
  const problems = JSON.parse(out) as { code: string; message: string; path: string[] }[]
  return problems.map(({ code, message, path }) => `${code} ${path.join('/')}: ${message}`)
}

async function parserFindings(folder: string): Promise<string[]> {
  const { code, err } = await runScript(folder, 'swagger-parser')
  return code === 0 ? [] : [err]
}

test('redocly has no error and no warning by its recommended rules', async () => {
  expect(await redoclyFindings(layOut(text))).toEqual([])
})

test('spectral has no error, no warning and no hint by its rules for OpenAPI', async () => {
  expect(await spectralFindings(layOut(text))).toEqual([])
})

test('swagger-parser accepts the document', async () => {
  expect(await parserFindings(layOut(text))).toEqual([])
})

test('a missing summary and an example against its schema are found by redocly', async () => {
  const folder = spoiled((document) => {
    delete document.paths['/healthz']?.['get']?.['summary']
    spoilExamples(document)
  })
  const findings = (await redoclyFindings(folder)).join()
  expect(findings).toContain('operation-summary')
  expect(findings).toContain('no-invalid-media-type-examples')
})

test('a missing description and an example against its schema are found by spectral', async () => {
  const folder = spoiled((document) => {
    delete document.info.description
    spoilExamples(document)
  })
  const findings = (await spectralFindings(folder)).join()
  expect(findings).toContain('info-description')
  expect(findings).toContain('oas3-valid-media-example')
})

test('a planted error is found by swagger-parser', async () => {
  const folder = spoiled(({ paths }) => {
    delete paths['/healthz']?.['get']?.['responses']
    Reflect.set(paths, 'no-slash', {})
  })
  expect((await parserFindings(folder)).join()).toContain('no-slash')
})
