import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import type { TestSpecification } from 'vitest/node'
import { BaseSequencer } from 'vitest/node'
import { choiceIn, leftOut } from './choice.ts'
import type { Cost } from './costs.ts'
import { readCosts } from './costs.ts'

const LIGHT_AND_SMOKE = '!heavy || smoke'
/** The first line of a file all of whose tests are heavy. */
const WHOLE = '// @module-tag heavy\n'

/**
 * Leaves out the heavy tests that the run does not choose, and begins with the files that take longest by the clock: the
 * long waits then overlap with computing, and the run does not end with one long file.
 */
export class ChosenFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const costs = readCosts()
    const out = leftOut(costs, choiceIn(process.env))
    const clock = new Map<TestSpecification, number>()
    const chosen = (await super.sort(files)).filter((file) => {
      const path = relative(process.cwd(), file.moduleId)
      const tests = costs.tests[path] ?? {}
      const names = out.get(path) ?? []
      clock.set(file, clockOf(tests, names))
      if (names.length === 0) return true
      const rotating = Object.values(tests).filter(({ tag }) => tag === 'heavy').length
      if (rotating > names.length) {
        file.testNamePattern = allBut(names)
        return true
      }
      file.testTagsFilter = [LIGHT_AND_SMOKE]
      return hasOthers(file.moduleId, tests)
    })
    return chosen.toSorted((one, other) => (clock.get(other) ?? 0) - (clock.get(one) ?? 0))
  }
}

function clockOf(tests: Readonly<Record<string, Cost>>, without: readonly string[]): number {
  return Object.entries(tests).reduce((sum, [name, { clockS }]) => sum + (without.includes(name) ? 0 : clockS), 0)
}

/** In a file that is heavy as a whole, only smoke tests are left. */
function hasOthers(path: string, tests: Readonly<Record<string, Cost>>): boolean {
  const isWhole = readFileSync(path, 'utf8').startsWith(WHOLE)
  return !isWhole || Object.values(tests).some(({ tag }) => tag === 'smoke')
}

function allBut(names: readonly string[]): RegExp {
  const escaped = names.map((name) => name.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
  return new RegExp(`^(?!(?:${escaped.join('|')})$)`)
}
