import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import type { TestSpecification } from 'vitest/node'
import { BaseSequencer } from 'vitest/node'
import { choiceIn, leftOut } from './choice.ts'
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
      const smoke = costs.smoke[path]
      const left = out.get(path) ?? []
      const taken =
        left === 'all' ? [] : costs.heavy.filter((unit) => unit.file === path && !left.includes(unit.name ?? ''))
      clock.set(
        file,
        taken.reduce((sum, { clockS }) => sum + clockS, smoke?.clockS ?? 0),
      )
      if (left === 'all') {
        file.testTagsFilter = [LIGHT_AND_SMOKE]
        // In a file that is heavy as a whole, only smoke tests are left.
        return smoke !== undefined || !readFileSync(file.moduleId, 'utf8').startsWith(WHOLE)
      }
      if (left.length > 0) file.testNamePattern = allBut(left)
      return true
    })
    return chosen.toSorted((one, other) => (clock.get(other) ?? 0) - (clock.get(one) ?? 0))
  }
}

function allBut(names: readonly string[]): RegExp {
  const escaped = names.map((name) => name.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
  return new RegExp(`^(?!(?:${escaped.join('|')})$)`)
}
