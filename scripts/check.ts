import { spawn } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { FOLDERS as PRODUCT } from './package/contents.ts'
import { AREAS, isArea } from './tests/areas.ts'
import { budgetOf, choiceNow, partsOf, SLICES, testsIn } from './tests/choice.ts'
import { readCosts } from './tests/costs.ts'
import { measureSpeed, slowness, slownessOf } from './tests/slowness.ts'

/**
 * `npm test`: every gate, and the tests at the same time. Each gate counts as one; the last line is `N passed, N failed`.
 */
type Gate = { name: string; run(limitMs: number): Promise<{ ok: boolean; output: string }> }
/** `error`: of the runner, in no test. */
type Count = { passed: number; failed: number; error?: string }
type GateCount = { passed: number; failed: readonly string[] }

/** They detect a hang, also of the runner: a test that hangs is ended before (`tests/watchdog.ts`). */
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
  { limitMs, more = {} }: { limitMs: number; more?: NodeJS.ProcessEnv },
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
async function importRules(limitMs: number): Promise<{ ok: boolean; output: string }> {
  const folders = [...FOLDERS, CLIENT]
  const options = ['--config', 'scripts/dependency-rules.cjs', '--output-type', 'err-long']
  const result = await tool('depcruise', [...options, ...folders], { limitMs })
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
  { name: 'types (tsc)', run: (limitMs) => tool(TSC, TYPE_ARGUMENTS, { limitMs }) },
  ...PAGES.map((page) => ({
    name: `types of the ${page} page (tsc)`,
    run: (limitMs: number) => tool(TSC, ['-p', `agent/http/page/${page}`, '--noEmit'], { limitMs }),
  })),
  { name: 'types of the client (tsc)', run: (limitMs) => tool(TSC, ['-p', CLIENT, '--noEmit'], { limitMs }) },
  {
    name: 'format and lint (biome)',
    run: (limitMs) => tool('biome', ['ci', '--error-on-warnings', '--colors=off', '.'], { limitMs }),
  },
  { name: 'who imports whom (dependency-cruiser)', run: importRules },
  { name: 'dead code (knip)', run: (limitMs) => tool('knip', ['--no-progress'], { limitMs }) },
  { name: 'file sizes', run: fileSizes },
]

/** One after the other, while the tests run. */
async function runGates({ factor }: Plan): Promise<GateCount> {
  let passed = 0
  const failed: string[] = []
  for (const gate of GATES) {
    const started = performance.now()
    const { ok, output } = await gate.run(GATE_LIMIT_MS * factor)
    if (ok) passed++
    else failed.push(gate.name)
    console.log(`${ok ? '✔' : '✖'} ${gate.name}  ${((performance.now() - started) / 1000).toFixed(1)} s`)
    if (!ok) console.log(output.trimEnd().replace(/^/gm, '    '))
  }
  return { passed, failed }
}

/** `--long [AREA…]`: all tests, or those of areas. `--costs`: measured. Others are the runner's. */
const [isLong, isMeasuring] = ['--long', '--costs'].map((option) => process.argv.includes(option))
const WORDS = process.argv.slice(2).filter((word) => word !== '--long' && word !== '--costs')
const ASKED = isLong ? WORDS.filter(isArea) : []
const unknown = isLong ? WORDS.filter((word) => !isArea(word)) : []

/** The tests of this run, and why it has these. */
async function planned() {
  const costs = readCosts()
  const { TEST_SLICE, TEST_BUDGET, TEST_SLOWNESS } = process.env
  const factor = TEST_SLOWNESS === undefined ? slownessOf(await measureSpeed(), costs.speed) : slowness()
  const isAll = isLong || WORDS.length > 0
  const budgetS = isAll ? undefined : budgetOf(factor, availableParallelism(), TEST_BUDGET)
  const choice = choiceNow(TEST_SLICE ?? (isAll ? 'all' : undefined), budgetS)
  return { factor, choice, parts: partsOf(costs, choice) }
}
type Plan = Awaited<ReturnType<typeof planned>>

/** The tests of a run, and the heavy ones that it leaves out. */
function announced({ choice, parts }: Plan): string {
  const { slice, areas, files, budgetS } = choice
  if (ASKED.length > 0) return `all tests of ${ASKED.join(', ')}`
  if (slice === 'all') return WORDS.length > 0 && !isLong ? `the tests of ${WORDS.join(' ')}` : 'all tests'
  const touched = [...areas, ...files]
  const also = touched.length === 0 ? '' : `, those of what was changed (${touched.join(', ')})`
  const isOver = budgetS !== undefined && parts.fixedS > budgetS
  const over = isOver ? '; these alone take more than ten minutes here' : ''
  return `all light and smoke tests${also}${over}; ${rotating(choice.slice, parts)}`
}

/** `41 of 188 heavy tests of slice 3; 147 wait (TEST_BUDGET=none runs all), 940 of other slices (npm run test:long)` */
function rotating(slice: Plan['choice']['slice'], { taken, cut, otherSlices }: Plan['parts']): string {
  const own = `${testsIn(taken)} of ${testsIn([...taken, ...cut])} heavy tests of slice ${slice} of 0 to ${SLICES - 1}`
  const waiting = cut.length === 0 ? '' : `; ${testsIn(cut)} wait (TEST_BUDGET=none runs all)`
  const others = otherSlices.length === 0 ? '' : `; ${testsIn(otherSlices)} of other slices wait (npm run test:long)`
  return own + waiting + others
}

async function runTests({ choice, factor }: Plan): Promise<Count> {
  const folders = ASKED.flatMap((area) => AREAS[area].tests)
  const args = ['run', ...(isLong ? folders : WORDS)]
  let pending = ''
  const more = {
    TEST_CHOICE: JSON.stringify(choice),
    TEST_SLOWNESS: String(factor),
    // The costs are those of an ordinary run.
    ...(isLong && !isMeasuring && { TEST_LONG: '1' }),
    ...(isMeasuring && { TEST_COSTS: '1' }),
  }
  const limitMs = (isLong ? LONG_LIMIT_MS : TEST_LIMIT_MS) * factor
  const { ok, output } = await tool('vitest', args, { limitMs, more }, (text) => {
    // The last line is held back: the one of this program comes after it.
    const lines = (pending + text).split('\n')
    pending = lines.pop() ?? ''
    for (const line of lines) if (!/^\d+ passed, \d+ failed$/.test(line)) console.log(line)
  })
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
const PLAN = await planned()
const ANNOUNCED = `slowness ${PLAN.factor}: ${announced(PLAN)}`
console.log(`Runs ${GATES.length} gates and tests; ${ANNOUNCED}.`)
// Side by side: the tests wait for nearly half of their time. Costs are measured alone.
const gatesDone = runGates(PLAN)
if (isMeasuring) await gatesDone
const [gates, tests] = await Promise.all([gatesDone, runTests(PLAN)])
const FAILED = gates.failed.length + tests.failed
// Repeated: of a long log often only the last lines are kept.
for (const name of gates.failed) console.log(`✖ ${name}`)
if (tests.error !== undefined) console.log(`✖ ${tests.error}`)
console.log(ANNOUNCED)
console.log(`${gates.passed + tests.passed} passed, ${FAILED} failed`)
process.exitCode = FAILED === 0 ? 0 : 1
