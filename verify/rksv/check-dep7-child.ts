import { createReadStream } from 'node:fs'
import { serveTask } from '../../base/child/serve.ts'
import type { Dep7Task } from './check-dep7.ts'
import { describeDep7 } from './dep7-findings.ts'
import { verifyDep7 } from './verify-dep7.ts'
import { latestAustrianTime } from './verify-time.ts'

serveTask(check)

async function check({ path, partial, nowMs }: Dep7Task): Promise<{ findings: readonly string[] }> {
  const report = await verifyDep7(createReadStream(path), { partial, now: latestAustrianTime(nowMs) })
  return { findings: describeDep7(report, true) }
}
