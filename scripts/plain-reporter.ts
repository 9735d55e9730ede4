import { relative } from 'node:path'
import type { Reporter, TestCase, TestModule, TestRunEndReason } from 'vitest/node'

const CAUSES_LIMIT = 5

type Failure = { stack?: string; message: string; code?: unknown; cause?: unknown }

/**
 * One line a test file, every failure in full, and last of all `N passed, N failed`: the line that machines count.
 * A skipped test counts as failed: it holds no rule.
 */
export class PlainReporter implements Reporter {
  readonly #write: (text: string) => void

  constructor(write: (text: string) => void = (text) => process.stdout.write(text)) {
    this.#write = write
  }

  onTestModuleEnd(module: TestModule): void {
    const { passed, failed } = countTests(module)
    const mark = module.ok() && failed === 0 ? '✔' : '✖'
    const name = relative(process.cwd(), module.moduleId)
    this.#write(`${mark} ${name}  ${passed + failed} tests, ${Math.round(module.diagnostic().duration)} ms\n`)
  }

  onTestCaseResult(test: TestCase): void {
    const result = test.result()
    if (result.state === 'passed') return
    this.#write(`✖ ${test.fullName}\n`)
    if (result.state === 'skipped') this.#write('  skipped: a test that does not run holds no rule\n')
    for (const error of result.errors ?? []) this.#write(indented(told(error), error.diff))
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly Failure[], reason: TestRunEndReason): void {
    let passed = 0
    let failed = errors.length
    for (const error of errors) this.#write(`✖ outside of any test\n${indented(told(error))}`)
    for (const module of modules) {
      const counted = countTests(module)
      passed += counted.passed
      failed += counted.failed
      const moduleErrors = module.errors()
      failed += moduleErrors.length
      for (const error of moduleErrors)
        this.#write(`✖ ${relative(process.cwd(), module.moduleId)}\n${indented(told(error))}`)
    }
    if (failed === 0 && (reason !== 'passed' || passed === 0)) failed = 1
    this.#write(`${passed} passed, ${failed} failed\n`)
  }
}

function countTests(module: TestModule): { passed: number; failed: number } {
  let passed = 0
  let failed = 0
  for (const test of module.children.allTests()) {
    if (test.result().state === 'passed') passed++
    else failed++
  }
  return { passed, failed }
}

/** With what lies behind it: `fetch failed` alone tells nothing, the code of the socket does. */
function told(error: Failure): string {
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
