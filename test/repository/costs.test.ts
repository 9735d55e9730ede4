import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { FOLDERS } from '../../scripts/package/contents.ts'
import { AREAS, areasOf, isArea, isTestOf } from '../../scripts/tests/areas.ts'
import type { Choice } from '../../scripts/tests/choice.ts'
import { keyOf, leftOut, partsOf, SLICES, slicesOf, sumOf } from '../../scripts/tests/choice.ts'
import type { Costs } from '../../scripts/tests/costs.ts'
import { readCosts } from '../../scripts/tests/costs.ts'
import { ROOT } from '../cli/command.ts'

/** Of one run on two cores that ends within eight minutes. */
const RUN_LIMIT_S = 15 * 60
const UNTAGGED_LIMIT_S = 0.5
const NAMES = Object.keys(AREAS).filter(isArea)

const costs = readCosts()
const rows = Object.entries(costs.tests).flatMap(([file, tests]) =>
  Object.entries(tests).map(([name, cost]) => ({ file, name, ...cost })),
)

function loads(): number[] {
  const slices = slicesOf(costs)
  const ofSlice = (slice: number) => rows.filter(({ file, name }) => slices.get(keyOf(file, name)) === slice)
  return Array.from({ length: SLICES }, (_, slice) => sumOf(ofSlice(slice).map(({ cpuS }) => cpuS)))
}

test('no test without a tag takes more than half a second of computing', () => {
  expect(rows.filter(({ tag, cpuS }) => tag === undefined && cpuS > UNTAGGED_LIMIT_S)).toEqual([])
})

test('the tests of a run take at most fifteen minutes of computing, whatever its slice', () => {
  const always = sumOf(rows.filter(({ tag }) => tag !== 'heavy').map(({ cpuS }) => cpuS))
  expect(costs.othersCpuS + always + Math.max(...loads())).toBeLessThanOrEqual(RUN_LIMIT_S)
})

test('the seven slices take the same computing, and each heavy test is in one', () => {
  const all = loads()
  expect(Math.max(...all) - Math.min(...all)).toBeLessThanOrEqual(2)
  expect(slicesOf(costs).size).toBe(rows.filter(({ tag }) => tag === 'heavy').length)
})

test('each heavy test is in an area, and each place of an area exists', () => {
  const lost = rows.filter(({ file }) => !NAMES.some((area) => isTestOf(area, file))).map(({ file }) => file)
  expect([...new Set(lost)]).toEqual([])
  const places = NAMES.flatMap((area) => [...AREAS[area].sources, ...AREAS[area].tests])
  expect(places.filter((place) => globSync(`${place}*`, { cwd: ROOT }).length === 0)).toEqual([])
})

test('each file of the product is in an area, so that a change of it is tested', () => {
  const files = FOLDERS.flatMap((room) => globSync(`${room}/**/*.{ts,js}`, { cwd: ROOT }))
  expect(files.length).toBeGreaterThan(1000)
  expect(files.filter((file) => areasOf([file]).length === 0)).toEqual([])
})

test('a file whose tests are listed exists', () => {
  expect(Object.keys(costs.tests).filter((file) => !existsSync(join(ROOT, file)))).toEqual([])
})

const SMALL: Costs = {
  speed: { startMs: 150, memoryMs: 100, computeMs: 100 },
  othersCpuS: 1,
  tests: {
    'test/page/a.test.ts': { one: { cpuS: 9, clockS: 9, tag: 'heavy' }, two: { cpuS: 9, clockS: 9, tag: 'heavy' } },
    'test/crash/b.test.ts': { one: { cpuS: 4, clockS: 4, tag: 'heavy' }, smoke: { cpuS: 2, clockS: 2, tag: 'smoke' } },
  },
}
const NOTHING: Choice = { slice: 6, areas: [], files: [], seed: 1 }

test('a run leaves out the heavy tests of other slices, but not smoke tests and not what was changed', () => {
  const names = (choice: Partial<Choice>) => Object.fromEntries(leftOut(SMALL, { ...NOTHING, ...choice }))
  expect(names({})).toEqual({ 'test/page/a.test.ts': ['one', 'two'], 'test/crash/b.test.ts': ['one'] })
  expect(names({ slice: 0 })).toEqual({ 'test/page/a.test.ts': ['two'], 'test/crash/b.test.ts': ['one'] })
  expect(names({ areas: ['page'] })).toEqual({ 'test/crash/b.test.ts': ['one'] })
  expect(names({ files: ['test/crash/b.test.ts'] })).toEqual({ 'test/page/a.test.ts': ['one', 'two'] })
  expect(names({ slice: 'all' })).toEqual({})
})

test('a budget cuts heavy tests in the order of the commit, never smoke tests nor what was changed', () => {
  // Gates 110, others 1, smoke 2: two of three units of 9, 9 and 4 fit into 18 more.
  const cut = (choice: Partial<Choice>) => {
    const { cut, fixedS } = partsOf(SMALL, { ...NOTHING, slice: 'all', ...choice })
    return { fixedS, cut: cut.map(({ file, names }) => [file, ...names]) }
  }
  expect(cut({})).toEqual({ fixedS: 113, cut: [] })
  const [one, two] = ['one', 'two'].map((name) => ['test/page/a.test.ts', name])
  const crash = ['test/crash/b.test.ts', 'one']
  const orders = [1, 2, 3, 4, 5, 6, 7, 8].map((seed) => cut({ seed, budgetS: 131 }).cut)
  for (const unit of [one, two, crash]) expect(orders).toContainEqual([unit])
  expect(cut({ budgetS: 113 }).cut).toHaveLength(3)
  expect(cut({ budgetS: 1, areas: ['page'] })).toEqual({ fixedS: 131, cut: [crash] })
})

test('a change belongs to the areas of its folder; a test file is its own', () => {
  expect(areasOf(['agent/http/page/status/words.js'])).toEqual(['api', 'page'])
  expect(areasOf(['drivers/rt-custom/driver.ts'])).toEqual(['italy', 'devices'])
  expect(areasOf(['test/page/browser.ts'])).toEqual(['page'])
  expect(areasOf(['test/page/display.test.ts', 'docs/install.md'])).toEqual([])
})

test('a file that is heavy as a whole has the tag in its first line', () => {
  // In two parts: the runner looks for the words anywhere in a file.
  const mark = ['// @module', 'tag heavy'].join('-')
  const texts = globSync('test/**/*.test.ts', { cwd: ROOT }).map((file) => readFileSync(join(ROOT, file), 'utf8'))
  expect(texts.filter((text) => text.includes(mark) && !text.startsWith(`${mark}\n`))).toEqual([])
})
