import { randomBytes } from 'node:crypto'
import { checkConfig } from '../../agent/agent-config.ts'
import { compose } from '../../agent/compose.ts'
import { AGENT_KINDS } from '../../agent/laws/duty-kind.ts'
import type { Task } from '../../agent/laws/law.ts'
import { loadLaws } from '../../agent/laws/laws.ts'
import { systemClock } from '../../base/clock.ts'
import { randomStore } from '../../base/ids.ts'
import { openLog } from '../../base/log.ts'
import type { Row } from './report.ts'
import { limitRow } from './report.ts'
import { openShop } from './shop.ts'
import { distributionOf, timesOfSync } from './statistics.ts'
import type { TempFolder } from './temp-folder.ts'

const DEVICES = 64
const TASKS = 200
const LOOKS = 400
const LIMIT_MS = 3

/** One look at everything that can be wrong, as the timer does it every 2 s: 64 devices, and 200 overdue tasks. */
export async function warningsSection(folder: TempFolder): Promise<Row[]> {
  const place = await folder.make('warnings')
  const devices = Array.from({ length: DEVICES }, (_, index) => ({
    ...{ id: `tse-${index + 1}`, driver: 'tse-simulator', latencyMs: 0 },
  }))
  const config = checkConfig('warnings', { version: 1, state: 'state', listen: { port: 0 }, devices }, place)
  const log = openLog('info', { write: () => undefined })
  const laws = (await loadLaws()).map((law, index) => ({
    ...law,
    open: (parts: Parameters<typeof law.open>[0]) => {
      const opened = law.open(parts)
      return index > 0 ? opened : { ...opened, tasks: () => overdueTasks() }
    },
  }))
  const agent = await compose(config, { clock: systemClock, random: randomStore(randomBytes), log, laws })
  try {
    const { url } = await agent.listen()
    await openShop(
      url,
      place,
      DEVICES,
      'tse',
      devices.map(({ id }) => id),
    )
    const { warnings } = agent.application.readiness()
    if (warnings.length < TASKS) throw new Error(`of ${TASKS} tasks ${warnings.length} are warnings`)
    const { p50, p99 } = distributionOf(timesOfSync(LOOKS, () => agent.application.readiness()))
    const section = `Look at the warnings, ${DEVICES} devices, ${TASKS} tasks`
    const row = { section, what: 'p50', unit: 'ms' as const, measured: p50 }
    return [limitRow(row, LIMIT_MS, 'at most'), { ...row, what: 'p99', measured: p99 }]
  } finally {
    await agent.stop()
  }
}

function overdueTasks(): Task[] {
  return Array.from({ length: TASKS }, (_, index) => ({
    ...AGENT_KINDS.machine,
    ...{ id: `task-${index}`, title: `Report TSE ${index}.`, due: '2026-01-31', instructions: [] },
  }))
}
