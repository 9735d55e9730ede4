import { createReadStream } from 'node:fs'
import type { Dep7Task } from './check-dep7.ts'
import { describeDep7 } from './dep7-findings.ts'
import { verifyDep7 } from './verify-dep7.ts'
import { latestAustrianTime } from './verify-time.ts'

export async function work({ path, partial, nowMs }: Dep7Task): Promise<{ findings: readonly string[] }> {
  const report = await verifyDep7(createReadStream(path), { partial, now: latestAustrianTime(nowMs) })
  return { findings: describeDep7(report, true) }
}
