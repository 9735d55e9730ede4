// @module-tag heavy
import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { packageVersion } from '../../../base/version.ts'
import { packClient, tarballName } from '../../../scripts/client/tarball.ts'
import { ROOT } from '../../cli/command.ts'
import { Bench } from '../../e2e/bench.ts'
import { perform } from '../../perform.ts'
import { execFileSync } from '../../waits.ts'
import { whyNoGenerators } from '../workbench.ts'

const EPOCH_SECONDS = 1_790_000_000
/** Of all modules with their comments; a bundler makes 7.3 KB of those of a page (measured). */
const LIMIT_BYTES = 16 * 1024
/** A Node of the machine, older than that of the project. */
const OLDER_NODE = '/usr/bin/node'
const RESOLUTIONS = [
  ['node10', 'esnext'],
  ['nodenext', 'nodenext'],
  ['bundler', 'esnext'],
] as const

const folder = mkdtempSync(join(tmpdir(), 'maker-'))
const tarball = join(folder, tarballName(ROOT))
const installed = join(folder, 'node_modules/@fiskal-edge/client')
const readme = readFileSync(join(ROOT, 'clients/typescript/README.md'), 'utf8')
const [, program = ''] = /## A signed sale\n\n```ts\n([\s\S]*?)```/.exec(readme) ?? []
const [, calls = ''] = /## Each call\n[\s\S]*?```ts\n([\s\S]*?)```/.exec(readme) ?? []

beforeEach(({ skip, task }) => {
  const whyNot = task.name.startsWith('a strict project') ? whyNoGenerators() : undefined
  if (whyNot !== undefined) skip(whyNot)
})
beforeAll(() => {
  packClient(ROOT, tarball, EPOCH_SECONDS)
  mkdirSync(installed, { recursive: true })
  // As npm does.
  execFileSync('tar', ['xzf', tarball, '--strip-components=1', '-C', installed])
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
})

test('the README of the project has the same ten lines', () => {
  expect(readFileSync(join(ROOT, 'README.md'), 'utf8')).toContain(`\`\`\`ts\n${program}\`\`\``)
})

test('the package has the version of the agent, the same bytes each time, and little code', () => {
  expect(tarballName(ROOT)).toBe(`fiskal-edge-client-${packageVersion()}.tgz`)
  const again = join(folder, 'again.tgz')
  packClient(ROOT, again, EPOCH_SECONDS)
  expect(gunzipSync(readFileSync(again)).equals(gunzipSync(readFileSync(tarball)))).toBe(true)
  const code = execFileSync('sh', ['-c', 'cat src/*.js | gzip -9n | wc -c'], { cwd: installed, encoding: 'utf8' })
  expect(Number(code)).toBeLessThan(LIMIT_BYTES)
})

test.each([
  ['of the project', process.execPath],
  ['of the machine', OLDER_NODE],
])('the ten lines of the README sign a sale with the Node %s', async (_, node) => {
  await using bench = await Bench.open()
  const { locationId } = await bench.shop()
  const { key } = await bench.register(locationId)
  writeFileSync(join(folder, 'sale.js'), program)
  const { PATH, HOME } = process.env
  const env = { PATH, HOME, FISKAL_EDGE_URL: bench.url, FISKAL_EDGE_REGISTER_KEY: key }
  const { code, out, err } = await perform(node, ['sale.js'], { cwd: mkPlace(node), env })
  expect([code, err]).toEqual([0, ''])
  expect(out).toContain('Kassenbeleg-V1')
  expect(await bench.office.list('/v1/operations?type=sale&status=completed')).toHaveLength(1)
})

test('each call of the README is done, and its day is counted to the cent', async () => {
  await using bench = await Bench.open()
  const { locationId } = await bench.shop()
  const { key } = await bench.register(locationId)
  writeFileSync(join(folder, 'sale.js'), stripTypeScriptTypes(calls))
  const { PATH, HOME } = process.env
  const env = { PATH, HOME, FISKAL_EDGE_URL: bench.url, FISKAL_EDGE_REGISTER_KEY: key }
  expect(await perform(process.execPath, ['sale.js'], { cwd: mkPlace('calls'), env })).toMatchObject({
    code: 0,
    err: '',
  })
  const made = await bench.office.list('/v1/operations?limit=50')
  const kinds = made.map(({ type, status }) => `${type} ${status}`).sort()
  expect(kinds).toEqual([
    ...['return completed', 'sale completed', 'sale completed', 'sale completed', 'sale voided'],
    ...['session_cash_adjustment completed', 'session_cash_count completed', 'session_close completed'],
    ...['session_open completed', 'void completed'],
  ])
  expect(made.find(({ type }) => type === 'session_cash_count')).toMatchObject({ closing_cashcount_diff: '0.00' })
})

/** A folder of its own with the program and the package. */
function mkPlace(node: string): string {
  const place = mkdtempSync(join(tmpdir(), `maker-${node.replaceAll('/', '')}-`))
  symlinkSync(join(folder, 'node_modules'), join(place, 'node_modules'))
  for (const name of ['sale.js', 'package.json']) writeFileSync(join(place, name), readFileSync(join(folder, name)))
  return place
}

test.each(RESOLUTIONS)(
  'a strict project of TypeScript 5 compiles the README with moduleResolution %s',
  async (resolution, module) => {
    const files = [join(folder, 'typed.ts'), join(folder, 'calls.ts')]
    for (const [index, text] of [program, calls].entries()) writeFileSync(files[index] ?? '', text)
    const generators = join(ROOT, 'node_modules/.cache/generators/node_modules')
    const options = ['--strict', '--noEmit', '--target', 'es2022', '--module', module, '--moduleResolution', resolution]
    const types = ['--lib', 'es2022,dom', '--skipDefaultLibCheck', '--exactOptionalPropertyTypes']
    const tsc = join(generators, 'typescript/bin/tsc')
    const { code, out } = await perform(process.execPath, [tsc, ...options, ...types, ...files], { cwd: folder })
    expect([code, out]).toEqual([0, ''])
  },
)

test('an agent of a checkout serves the package without a key, with the sources of today', async () => {
  // As each command of a checkout does first.
  expect(await perform(process.execPath, [join(ROOT, 'scripts/reference-script.cjs')])).toMatchObject({ code: 0 })
  await using bench = await Bench.open()
  const answer = await fetch(new URL('/docs/client.tgz', bench.url))
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/gzip'])
  const again = join(folder, 'served.tgz')
  packClient(ROOT, again, 0)
  expect(Buffer.from(await answer.arrayBuffer())).toEqual(readFileSync(again))
})
