import { relative } from 'node:path'
import type { Reporter, TestCase, TestModule } from 'vitest/node'
import type { Measured, Tag } from './costs.ts'
import { writeCosts } from './costs.ts'
import { treeMs } from './process-tree.ts'
import { measureSpeed } from './slowness.ts'

/** Writes what each test cost, and how fast the machine was; only of a run that had all of them. */
export class CostReporter implements Reporter {
  async onTestRunEnd(modules: readonly TestModule[]): Promise<void> {
    const costs = modules.flatMap((module) => [...module.children.allTests()].map(measured))
    writeCosts(costs, treeMs(process.pid), await measureSpeed())
  }
}

function measured(test: TestCase): Measured {
  const { cpuMs = 0, hooksMs = 0 } = test.meta()
  const tag = tagOf(test.tags)
  return {
    file: relative(process.cwd(), test.module.moduleId),
    name: test.fullName,
    // Every run has the hooks before a light test.
    cpuMs: tag === 'heavy' ? cpuMs + hooksMs : cpuMs,
    hooksMs: tag === 'heavy' ? 0 : hooksMs,
    clockMs: test.diagnostic()?.duration ?? 0,
    tag,
  }
}

function tagOf(tags: readonly string[]): Tag | undefined {
  if (tags.includes('smoke')) return 'smoke'
  return tags.includes('heavy') ? 'heavy' : undefined
}
