import { spawn } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { FOLDERS as PRODUCT } from './package/contents.ts'
import { AREAS, isArea } from './tests/areas.ts'
import { choiceNow, leftOut, SLICES } from './tests/choice.ts'
import { readCosts } from './tests/costs.ts'

/**
 * `npm test`: every gate, then the tests. Each gate counts as one; the last line is `N passed, N failed`.
 */
type Gate = { name: string; run(): Promise<{ ok: boolean; output: string }> }
/** `error`: of the runner, in no test. */
type Count = { passed: number; failed: number; error?: string }
type GateCount = { passed: number; failed: readonly string[] }

const GATE_LIMIT_MS = 600_000
const TEST_LIMIT_MS = 1_800_000
const LONG_LIMIT_MS = 7_200_000
const FILE_LIMIT_LINES = 400
/** The tests start hundreds of processes: they share their compiled code. */
const NODE_COMPILE_CACHE = resolve('node_modules/.cache/fiskal-edge')
/**
 * No folder here is a link: looking for one at each module of each process was a tenth of all their computing
 * (measured).
 */
const NODE_PRESERVE_SYMLINKS = '1'
const FOLDERS = [...PRODUCT, 'scripts', 'test'].filter((folder) => existsSync(folder))

function tool(
  command: string,
  args: readonly string[],
  { limitMs = GATE_LIMIT_MS, more = {} }: { limitMs?: number; more?: NodeJS.ProcessEnv } = {},
  onText?: (text: string) => void,
): Promise<{ ok: boolean; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(`node_modules/.bin/${command}`, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { NODE_COMPILE_CACHE, NODE_PRESERVE_SYMLINKS, ...process.env, ...more, NO_COLOR: '1' },
      timeout: limitMs,
      killSignal: 'SIGKILL',
    })
    let output = ''
    const take = (chunk: string): void => {
      output += chunk
      onText?.(chunk)
    }
    child.stdout.setEncoding('utf8').on('data', take)
    child.stderr.setEncoding('utf8').on('data', take)
    child.on('error', (error) => resolve({ ok: false, output: error.message }))
    child.on('close', (code, signal) =>
      resolve({ ok: code === 0, output: signal === null ? output : `${output}\nended by ${signal}` }),
    )
  })
}

function sourceFiles(rooms: readonly string[], endings = 'ts'): string[] {
  return rooms.flatMap((room) => globSync(`${room}/**/*.${endings}`))
}

/** It has the rules of a folder of the product; the generators next to it have their own packages. */
const CLIENT = 'clients/typescript'

/** A run that reads nothing finds nothing: it must have seen every file. */
async function importRules(): Promise<{ ok: boolean; output: string }> {
  const folders = [...FOLDERS, CLIENT]
  const result = await tool('depcruise', [
    '--config',
    'scripts/dependency-rules.cjs',
    '--output-type',
    'err-long',
    ...folders,
  ])
  const cruised = Number(/\((\d+) modules, \d+ dependencies cruised\)/.exec(result.output)?.[1] ?? 0)
  const expected = sourceFiles(folders).length
  if (!result.ok || cruised >= expected) return result
  return { ok: false, output: `${result.output}\nonly ${cruised} modules were read, there are ${expected}` }
}

async function fileSizes(): Promise<{ ok: boolean; output: string }> {
  const long = sourceFiles([...FOLDERS, 'clients'], '{ts,js,cjs,mjs}')
    .filter((file) => !/\/(node_modules|generated)\//.test(file))
    .map((file) => ({ file, lines: readFileSync(file, 'utf8').split('\n').length - 1 }))
    .filter(({ lines }) => lines > FILE_LIMIT_LINES)
    .map(({ file, lines }) => `${file}: ${lines} lines, the limit is ${FILE_LIMIT_LINES}`)
  return { ok: long.length === 0, output: long.join('\n') }
}

/**
 * The native TypeScript. The other package, whose binary has the same name, provides the API that dependency-cruiser
 * needs.
 */
const TSC = '../typescript-native/bin/tsc'
/** JavaScript that browsers receive unchanged, with types in comments. */
const PAGES = ['status', 'display'] as const
// Unchanged files are not checked again.
const TYPE_ARGUMENTS = ['-p', '.', '--noEmit', '--incremental', '--tsBuildInfoFile', 'node_modules/.cache/tsc.json']

const GATES: readonly Gate[] = [
  { name: 'types (tsc)', run: () => tool(TSC, TYPE_ARGUMENTS) },
  ...PAGES.map((page) => ({
    name: `types of the ${page} page (tsc)`,
    run: () => tool(TSC, ['-p', `agent/http/page/${page}`, '--noEmit']),
  })),
  { name: 'types of the client (tsc)', run: () => tool(TSC, ['-p', CLIENT, '--noEmit']) },
  {
    name: 'format and lint (biome)',
    run: () => tool('biome', ['ci', '--error-on-warnings', '--colors=off', '.']),
  },
  { name: 'who imports whom (dependency-cruiser)', run: importRules },
  { name: 'dead code (knip)', run: () => tool('knip', ['--no-progress']) },
  { name: 'file sizes', run: fileSizes },
]

/** Two at a time, one per core. */
async function runGates(): Promise<GateCount> {
  const waiting = [...GATES]
  let passed = 0
  const failed: string[] = []
  const work = async (): Promise<void> => {
    for (let gate = waiting.shift(); gate !== undefined; gate = waiting.shift()) {
      const started = performance.now()
      const { ok, output } = await gate.run()
      if (ok) passed++
      else failed.push(gate.name)
      console.log(`${ok ? '✔' : '✖'} ${gate.name}  ${((performance.now() - started) / 1000).toFixed(1)} s`)
      if (!ok) console.log(output.trimEnd().replace(/^/gm, '    '))
    }
  }
  await Promise.all([work(), work()])
  return { passed, failed }
}

/** `--long [AREA…]`: all tests, or those of areas. `--costs`: measured. Others are the runner's. */
const [isLong, isMeasuring] = ['--long', '--costs'].map((option) => process.argv.includes(option))
const WORDS = process.argv.slice(2).filter((word) => word !== '--long' && word !== '--costs')
const ASKED = isLong ? WORDS.filter(isArea) : []
const unknown = isLong ? WORDS.filter((word) => !isArea(word)) : []
const CHOICE = choiceNow(isLong || WORDS.length > 0 ? (process.env['TEST_SLICE'] ?? 'all') : process.env['TEST_SLICE'])

/** One line: the gates and tests of this run. */
function announced(waiting: number): string {
  const { slice, areas, files } = CHOICE
  if (ASKED.length > 0) return `all tests of ${ASKED.join(', ')}`
  if (slice === 'all') return WORDS.length > 0 && !isLong ? `the tests of ${WORDS.join(' ')}` : 'all tests'
  const touched = [...areas, ...files]
  const also = touched.length === 0 ? '' : `, those of what was changed (${touched.join(', ')})`
  return `all light tests, slice ${slice} of 0 to ${SLICES - 1} of the heavy ones${also}; ${waiting} heavy tests wait`
}

function waitingTests(): number {
  return [...leftOut(readCosts(), CHOICE).values()].flat().length
}

async function runTests(): Promise<Count> {
  const folders = ASKED.flatMap((area) => AREAS[area].tests)
  const args = ['run', ...(isLong ? folders : WORDS)]
  let pending = ''
  const more = {
    TEST_CHOICE: JSON.stringify(CHOICE),
    // The costs are those of an ordinary run.
    ...(isLong && !isMeasuring && { TEST_LONG: '1' }),
    ...(isMeasuring && { TEST_COSTS: '1' }),
  }
  const { ok, output } = await tool(
    'vitest',
    args,
    { limitMs: isLong ? LONG_LIMIT_MS : TEST_LIMIT_MS, more },
    (text) => {
      // The last line is held back: the one of this program comes after it.
      const lines = (pending + text).split('\n')
      pending = lines.pop() ?? ''
      for (const line of lines) if (!/^\d+ passed, \d+ failed$/.test(line)) console.log(line)
    },
  )
  const counted = /^(\d+) passed, (\d+) failed$/m.exec(output)
  const passed = Number(counted?.[1] ?? 0)
  const failed = Number(counted?.[2] ?? 0)
  if (failed > 0 || (ok && passed > 0)) return { passed, failed }
  return {
    passed,
    failed: 1,
    error: `after the last test:${output.slice(counted === null ? 0 : counted.index + counted[0].length).trimEnd()}`,
  }
}

if (unknown.length > 0) {
  console.error(`no area ${unknown.join(', ')}: ${Object.keys(AREAS).join(', ')}`)
  process.exit(2)
}
const WAITING = waitingTests()
console.log(`Runs ${GATES.length} gates and ${announced(WAITING)}.`)
const gates = await runGates()
const tests = await runTests()
const FAILED = gates.failed.length + tests.failed
// Repeated: of a long log often only the last lines are kept.
for (const name of gates.failed) console.log(`✖ ${name}`)
if (tests.error !== undefined) console.log(`✖ ${tests.error}`)
if (WAITING > 0) console.log(`${WAITING} heavy tests wait: npm run test:long`)
console.log(`${gates.passed + tests.passed} passed, ${FAILED} failed`)
process.exitCode = FAILED === 0 ? 0 : 1
