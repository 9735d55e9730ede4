import { dirname, relative } from 'node:path'
import type { Reporter, TestCase, TestModule, TestRunEndReason } from 'vitest/node'
import { choiceIn } from './choice.ts'

const CAUSES_LIMIT = 5
const IS_CHOOSING = choiceIn(process.env).slice !== 'all'

type Failure = { stack?: string; message: string; code?: unknown; cause?: unknown }

/**
 * Prints one line a test file, every failure in full, the seconds of each folder, and finally `N passed, N failed`: the
 * line that machines parse. A skipped test counts as failed, because it proves no rule, unless it names the tool that this
 * machine does not have.
 */
export class PlainReporter implements Reporter {
  readonly #write: (text: string) => void
  /** Repeated after the summary: of a long log often only the last lines are kept. */
  readonly #failures: string[] = []

  constructor(write: (text: string) => void = (text) => process.stdout.write(text)) {
    this.#write = write
  }

  onTestModuleEnd(module: TestModule): void {
    const { passed, failed } = countTests(module)
    const mark = module.ok() && failed === 0 ? '✔' : '✖'
    this.#write(`${mark} ${pathOf(module)}  ${passed + failed} tests, ${Math.round(module.diagnostic().duration)} ms\n`)
  }

  onTestCaseResult(test: TestCase): void {
    const result = test.result()
    if (result.state === 'passed') return
    if (isWaiting(test)) return
    const lack = lackOf(test)
    if (lack !== undefined) {
      this.#write(`- ${test.fullName}\n  not run: ${lack}\n`)
      return
    }
    const skipped = result.state === 'skipped' ? '  skipped: a test that does not run proves no rule\n' : ''
    const errors = (result.errors ?? []).map((error) => indented(textOf(error), error.diff)).join('')
    this.#failed(`✖ ${pathOf(test.module)} > ${test.fullName}\n${skipped}${errors}`)
  }

  #failed(text: string): void {
    this.#failures.push(text)
    this.#write(text)
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly Failure[], reason: TestRunEndReason): void {
    let passed = 0
    let failed = errors.length
    let notRun = 0
    for (const error of errors) this.#failed(`✖ outside of any test\n${indented(textOf(error))}`)
    for (const module of modules) {
      const counted = countTests(module)
      passed += counted.passed
      failed += counted.failed
      notRun += counted.notRun
      const moduleErrors = module.errors()
      failed += moduleErrors.length
      for (const error of moduleErrors) this.#failed(`✖ ${pathOf(module)}\n${indented(textOf(error))}`)
    }
    this.#write(secondsByFolder(modules))
    if (this.#failures.length > 0) this.#write(`\nAll failures again:\n${this.#failures.join('')}`)
    if (failed === 0 && (reason !== 'passed' || passed + notRun === 0)) failed = 1
    this.#write(`${passed} passed, ${failed} failed\n`)
  }
}

/** The longest first. Files run side by side: the sum is more than the time of the run. */
function secondsByFolder(modules: readonly TestModule[]): string {
  const times = new Map<string, number>()
  for (const module of modules) {
    const folder = dirname(pathOf(module)).split('/').slice(0, 2).join('/')
    times.set(folder, (times.get(folder) ?? 0) + module.diagnostic().duration)
  }
  const longest = [...times].sort(([, one], [, other]) => other - one)
  const rows = longest.map(([folder, ms]) => `${(ms / 1000).toFixed(1).padStart(8)} s  ${folder}\n`)
  return `\nSeconds of the test files by folder:\n${rows.join('')}`
}

function pathOf(module: TestModule): string {
  return relative(process.cwd(), module.moduleId)
}

function countTests(module: TestModule): { passed: number; failed: number; notRun: number } {
  const counts = { passed: 0, failed: 0, notRun: 0 }
  for (const test of module.children.allTests()) {
    if (test.result().state === 'passed') counts.passed++
    else if (lackOf(test) !== undefined || isWaiting(test)) counts.notRun++
    else counts.failed++
  }
  return counts
}

/** A heavy test that this run leaves to another slice. */
function isWaiting(test: TestCase): boolean {
  const result = test.result()
  return result.state === 'skipped' && result.note === undefined && IS_CHOOSING && test.tags.includes('heavy')
}

/** The tool that this machine does not have, in the words of the test itself (`skip(note)`). */
function lackOf(test: TestCase): string | undefined {
  const result = test.result()
  return result.state === 'skipped' ? result.note : undefined
}

/** Includes the causes: `fetch failed` alone explains nothing, the code of the socket does. */
function textOf(error: Failure): string {
  const lines = [error.stack ?? error.message]
  let cause = error.cause
  for (let depth = 0; depth < CAUSES_LIMIT && typeof cause === 'object' && cause !== null; depth++) {
    const { stack, message, code, cause: next } = cause as Partial<Failure>
    lines.push(`caused by ${code === undefined ? '' : `${String(code)}: `}${stack ?? message ?? ''}`)
    cause = next
  }
  return lines.join('\n')
}

function indented(text: string, diff?: string): string {
  return `${text}\n${diff ?? ''}`.trimEnd().replace(/^/gm, '    ').concat('\n')
}
