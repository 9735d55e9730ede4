import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { startAgent, startLoad } from './processes.ts'
import type { Row } from './report.ts'
import { limitRow } from './report.ts'
import { openShop } from './shop.ts'
import type { TempFolder } from './temp-folder.ts'

const SALES = 200
const ACTS = 2 * SALES
const ATTACH_MS = 1000

/** How often the agent syncs for each device act, counted at the kernel's door. Without strace there is no row. */
export async function syncSection(folder: TempFolder): Promise<Row[]> {
  if (spawnSync('strace', ['-V']).status !== 0) {
    console.error('The syncs are not counted: apt-get install strace')
    return []
  }
  const own = await folder.make('sync-agent')
  const load = startLoad()
  const agent = await startAgent(own)
  try {
    const tills = await openShop(agent.url, own, 20)
    const count = async (clients: number): Promise<number> => {
      const trace = join(own, `syncs-${clients}.txt`)
      const args = ['-f', '-e', 'trace=fsync,fdatasync', '-o', trace, '-p', String(agent.pid)]
      const strace = spawn('strace', args, { stdio: 'ignore' })
      await pause(ATTACH_MS)
      await load.run({ url: agent.url, tills: tills.slice(0, clients), sales: SALES })
      const ended = once(strace, 'exit')
      strace.kill('SIGINT')
      await ended
      return (readFileSync(trace, 'utf8').match(/ f(data)?sync\(/g) ?? []).length / ACTS
    }
    const section = 'Syncs'
    const alone = { section, what: 'a device act, 1 client', unit: '' as const, measured: await count(1) }
    const together: Row = { section, what: 'a device act, 20 clients', unit: '', measured: await count(20) }
    // A checkpoint of the log (every 1,000 pages) syncs twice more: D-3.
    return [limitRow(alone, 2.05, 'at most'), together]
  } finally {
    await Promise.all([load.stop(), agent.stop()])
  }
}
