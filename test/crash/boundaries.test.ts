import { afterAll, describe, expect, test } from 'vitest'
import type { Boundary } from './boundary-run.ts'
import { BoundaryRun } from './boundary-run.ts'

const at = (...points: string[]): Boundary => ({ name: points.join(', '), points })

/** Every step of a request (F-1); the journal's and the device's own follow the same act. */
const BOUNDARIES: readonly Boundary[] = [
  at('request.received'),
  at('request.validated'),
  at('journal.before-commit'),
  at('journal.after-commit'),
  at('device.before-register_client', 'device.before-start', 'device.before-finish'),
  at('device.after-register_client', 'device.after-start', 'device.after-finish'),
  { ...at('device.after-start'), name: 'device.mid-start', deviceFault: 'power-cut@start#1+' },
  { ...at('device.after-finish'), name: 'device.mid-finish', deviceFault: 'power-cut@finish#1' },
  at('answer.before'),
  { name: 'answer.mid', points: [], cutsAnswers: true },
  at('answer.after'),
]

const coverage = new Map<string, number>()

describe.concurrent('killed at a step of a request, the agent answers each key once and the device signed each act once', () => {
  test.each(BOUNDARIES.map((boundary) => [boundary.name, boundary] as const))(
    '%s',
    async (name, boundary) => {
      const run = new BoundaryRun(boundary)
      await run.run()
      coverage.set(name, run.kills)
      expect(run.broken).toEqual([])
      expect(run.kills).toBeGreaterThan(0)
    },
    120_000,
  )
})

afterAll(() => {
  for (const { name } of BOUNDARIES) console.log(`${String(coverage.get(name) ?? 0).padStart(4)} kills  ${name}`)
})
