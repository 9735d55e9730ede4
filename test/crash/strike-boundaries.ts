import { BOUNDARIES } from './boundaries.ts'
import { BoundaryRun } from './boundary-run.ts'

// node test/crash/strike-boundaries.ts: every boundary in turn, and how often it was struck.
let failed = 0
for (const boundary of BOUNDARIES) {
  const run = new BoundaryRun(boundary)
  await run.run()
  const holds = run.broken.length === 0 && run.kills > 0
  if (!holds) failed += 1
  console.log(`${holds ? '✔' : '✖'} ${String(run.kills).padStart(4)} kills  ${boundary.name}`)
  for (const text of run.broken) console.log(`    ${text}`)
}
process.exitCode = failed === 0 ? 0 : 1
