import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Ran } from '../cli/command.ts'
import { Bench } from '../e2e/bench.ts'
import { freePort } from '../free-port.ts'
import { heavy, smoke } from '../tags.ts'
import type { Compiled } from './compile.ts'
import { laterAnswers } from './later-answers.ts'
import type { Generator } from './workbench.ts'
import { GENERATORS, layOut, run, runScript, whyNoGenerators } from './workbench.ts'

const whyNot = whyNoGenerators()
beforeEach(({ skip }) => {
  if (whyNot !== undefined) skip(whyNot)
})

/** Its types have no headers. */
const UNTYPED_HEADERS = 'swagger-typescript-api'
/** calls.ts, client.ts, names.ts and shift.ts. */
const OWN_FILES = 4
const COMPILE = join(import.meta.dirname, 'compile.ts')

function tested(generators: readonly Generator[]): void {
  let bench: Bench
  let proxy: Awaited<ReturnType<typeof laterAnswers>>
  let folder: string
  let generated: readonly Ran[]
  let compiled: Compiled

  beforeAll(async () => {
    if (whyNot !== undefined) return
    bench = await Bench.open({ config: { listen: { port: await freePort() } } })
    proxy = await laterAnswers(bench.url)
    const document = await (await fetch(new URL('/openapi-json', bench.url))).text()
    // Most clients call the address of the document.
    folder = layOut(document.replaceAll(bench.url, proxy.url), generators)
    generated = await Promise.all(generators.map((generator) => runScript(folder, generator)))
    const { out, err } = await run(folder, [COMPILE, folder])
    if (err !== '') throw new Error(err)
    compiled = JSON.parse(out) as Compiled
  })
  afterAll(async () => {
    proxy?.close()
    await bench?.[Symbol.asyncDispose]()
  })

  test.each(generators)('%s makes a client of the document', (generator) => {
    const { code, out, err } = generated[generators.indexOf(generator)] ?? {}
    expect(code, `${out}${err}`).toBe(0)
  })

  test.each(generators)('the client of %s compiles strictly, and each name has its type', (generator) => {
    expect(compiled.errors[generator]).toBeUndefined()
    expect(compiled.files).toBe(generators.length * OWN_FILES)
    expect(compiled.untyped[generator]).toBeUndefined()
  })

  test.each(generators.filter((name) => name !== UNTYPED_HEADERS))(
    'a completion without If-Match does not compile with the client of %s',
    (generator) => {
      expect(compiled.forgotten[generator]).toEqual([expect.stringMatching(/If-?Match\W* is missing/i)])
    },
  )

  test.concurrent.each(generators)(
    'the client of %s plays a shift against an agent whose answers have members and words of a later version',
    async (generator) => {
      const shift = join(folder, 'compiled', generator, 'run.js')
      const number = String(generators.indexOf(generator))
      const { code, out, err } = await run(folder, [shift, proxy.url, bench.platformKey, number])
      expect(code, `${out}${err}`).toBe(0)
    },
  )
}

describe('one generator', smoke(), () => tested(['openapi-typescript']))
describe('all generators', heavy(), () => tested(GENERATORS))
