import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { FOLDERS } from '../../scripts/package/contents.ts'
import { AREAS, areasOf, isArea, isTestOf } from '../../scripts/tests/areas.ts'
import type { Choice } from '../../scripts/tests/choice.ts'
import { leftOut, partsOf, SLICES, slicesOf } from '../../scripts/tests/choice.ts'
import type { Costs } from '../../scripts/tests/costs.ts'
import { readCosts, sumOf } from '../../scripts/tests/costs.ts'
import { ROOT } from '../cli/command.ts'

/** Of one run on two cores that ends within ten minutes, with its gates. */
const RUN_LIMIT_S = 15 * 60
/** Of the part that every run has: a machine that is three times as slow ends within fifteen minutes. */
const FIXED_LIMIT_S = 500
const LIGHT_LIMIT_S = 0.5
const NAMES = Object.keys(AREAS).filter(isArea)

const costs = readCosts()
const EVERY: Choice = { slice: 'all', areas: [], files: [], seed: 1 }
/** In two parts: the runner looks for the words anywhere in a file. */
const MARK = ['// @module', 'tag heavy'].join('-')
const TEXTS = new Map(
  globSync('test/**/*.test.ts', { cwd: ROOT }).map((file) => [file, readFileSync(join(ROOT, file), 'utf8')]),
)

function loads(): number[] {
  const slices = slicesOf(costs)
  return Array.from({ length: SLICES }, (_, slice) =>
    sumOf(costs.heavy.filter((unit) => slices.get(unit) === slice).map(({ cpuS }) => cpuS)),
  )
}

test('no test without a tag takes more than half a second of computing', () => {
  expect(costs.dearestLight.cpuS).toBeLessThanOrEqual(LIGHT_LIMIT_S)
})

test('what every run has takes at most five hundred seconds of computing, and with a slice fifteen minutes', () => {
  const { fixedS } = partsOf(costs, EVERY)
  expect(fixedS).toBeLessThanOrEqual(FIXED_LIMIT_S)
  expect(fixedS + Math.max(...loads())).toBeLessThanOrEqual(RUN_LIMIT_S)
})

test('the ten slices take the same computing, and each heavy file is in one', () => {
  const all = loads()
  expect(Math.max(...all) - Math.min(...all)).toBeLessThanOrEqual(2)
  const listed = new Set(costs.heavy.map(({ file }) => file))
  const whole = [...TEXTS].flatMap(([file, text]) => (text.startsWith(MARK) ? [file] : []))
  expect(whole.filter((file) => !listed.has(file) && costs.smoke[file] === undefined)).toEqual([])
})

test('each heavy test is in an area, and each place of an area exists', () => {
  const lost = costs.heavy.filter(({ file }) => !NAMES.some((area) => isTestOf(area, file))).map(({ file }) => file)
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
  const listed = [...costs.heavy.map(({ file }) => file), ...Object.keys(costs.smoke)]
  expect(listed.filter((file) => !existsSync(join(ROOT, file)))).toEqual([])
})

const A = 'test/page/a.test.ts'
const B = 'test/crash/b.test.ts'
const SMALL: Costs = {
  speed: { startMs: 150, memoryMs: 100, computeMs: 100 },
  lightCpuS: 1,
  dearestLight: { name: 'test/c.test.ts > three', cpuS: 0.2 },
  smoke: { [B]: { cpuS: 2, clockS: 2 } },
  heavy: [
    { file: A, name: 'one', tests: 1, cpuS: 9, clockS: 9 },
    { file: A, name: 'two', tests: 1, cpuS: 9, clockS: 9 },
    { file: B, tests: 3, cpuS: 4, clockS: 4 },
  ],
}
const NOTHING: Choice = { ...EVERY, slice: 9 }

test('a run leaves out the heavy tests of other slices, but not smoke tests and not what was changed', () => {
  const names = (choice: Partial<Choice>) => Object.fromEntries(leftOut(SMALL, { ...NOTHING, ...choice }))
  expect(names({})).toEqual({ [A]: 'all', [B]: 'all' })
  expect(names({ slice: 0 })).toEqual({ [A]: ['two'], [B]: 'all' })
  expect(names({ areas: ['page'] })).toEqual({ [B]: 'all' })
  expect(names({ files: [B] })).toEqual({ [A]: 'all' })
  expect(names({ slice: 'all' })).toEqual({})
})

test('a budget cuts heavy tests in the order of the commit, never smoke tests nor what was changed', () => {
  // Gates 110, light 1, smoke 2: two of three units of 9, 9 and 4 fit into 18 more.
  const cut = (choice: Partial<Choice>) => {
    const { cut, fixedS } = partsOf(SMALL, { ...EVERY, ...choice })
    return { fixedS, cut: cut.map(({ file, name }) => [file, name]) }
  }
  expect(cut({})).toEqual({ fixedS: 113, cut: [] })
  const crash = [B, undefined]
  const orders = [1, 2, 3, 4, 5, 6, 7, 8].map((seed) => cut({ seed, budgetS: 131 }).cut)
  for (const unit of [[A, 'one'], [A, 'two'], crash]) expect(orders).toContainEqual([unit])
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
  const texts = [...TEXTS.values()]
  expect(texts.filter((text) => text.includes(MARK) && !text.startsWith(`${MARK}\n`))).toEqual([])
})
