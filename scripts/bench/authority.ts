import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { systemClock } from '../../base/clock.ts'
import { FinanzOnlineSimulator, SIMULATED_ACCOUNT, SIMULATED_MAKER } from '../../drivers/finanzonline/simulator.ts'
import type { Till } from './load.ts'
import type { Load, Server } from './processes.ts'
import { AUSTRIAN_DEVICES, memoryOf, startAgent, startLoad } from './processes.ts'
import type { Pair, Row } from './report.ts'
import { limitRow, saleRows } from './report.ts'
import { openShop } from './shop.ts'
import type { Distribution } from './statistics.ts'
import { distributionOf } from './statistics.ts'
import { technicianOf } from './technician.ts'
import type { TempFolder } from './temp-folder.ts'

const WARM_UP_SALES = 1000
/** A call is lost after a second and repeated a second later, so that many are lost during the sales. */
const TIMING = { callMs: 1000, retryMinMs: 1000, retryMaxMs: 1000 }
const SILENCE_MS = 100_000_000
/** Longer than a pause between two customers: the agent releases memory when the tills rest. */
const IDLE_MS = 8000

type Shop = { readonly agent: Server; readonly tills: readonly Till[] }

/** Sales in turns: the same Austrian shop, without an authority and with one that accepts connections and is silent. */
export async function authoritySection(folder: TempFolder, sales: number, rounds: number): Promise<Row[]> {
  const [quietFolder, silentFolder] = [await folder.make('authority-none'), await folder.make('authority-silent')]
  const service = new FinanzOnlineSimulator({ directory: silentFolder, clock: systemClock })
  const authorities = { finanzonline: { ...accountIn(silentFolder), url: await urlOf(service) } }
  const load = startLoad()
  const quiet = await startAgent(quietFolder, { devices: AUSTRIAN_DEVICES })
  const silent = await startAgent(silentFolder, { devices: AUSTRIAN_DEVICES, authorities })
  try {
    // After a login: credentials that were never accepted are tried at most twice without an answer.
    await (await technicianOf(silentFolder)).checkAuthority()
    service.inject(`silence=${SILENCE_MS}@*#*`)
    const without = { agent: quiet, tills: await openShop(quiet.url, quietFolder, 1, 'rksv') }
    const given = { agent: silent, tills: await openShop(silent.url, silentFolder, 1, 'rksv') }
    for (const shop of [without, given]) await sold(load, shop, WARM_UP_SALES)
    const callsBefore = service.calls
    const each = Math.ceil(sales / rounds)
    const pairs: Pair<Distribution>[] = []
    for (let round = 0; round < rounds; round++) {
      const floor = await sold(load, without, each)
      pairs.push({ measured: await sold(load, given, each), floor })
    }
    if (service.calls === callsBefore) throw new Error('no call reached the service during the sales')
    await pause(IDLE_MS)
    const section = 'Austrian sale with a silent tax office, 1 client (floor column: no authority)'
    return [...saleRows(section, pairs, { p50: 1.2, p99: 1.5 }), ...memoryRows(silent, quiet)]
  } finally {
    await Promise.all([load.stop(), quiet.stop(), silent.stop()])
    await service.close()
  }
}

async function urlOf(service: FinanzOnlineSimulator): Promise<string> {
  return `http://127.0.0.1:${await service.serve(0)}`
}

function accountIn(folder: string): object {
  const secret = (name: keyof typeof SIMULATED_ACCOUNT): string => {
    const file = join(folder, `${name}.secret`)
    writeFileSync(file, SIMULATED_ACCOUNT[name], { mode: 0o600 })
    return file
  }
  const account = { participantFile: secret('participant'), userFile: secret('user'), pinFile: secret('pin') }
  return { mode: 'T', makerId: SIMULATED_MAKER, accounts: [account], timing: TIMING }
}

async function sold(load: Load, { agent, tills }: Shop, sales: number): Promise<Distribution> {
  return distributionOf((await load.run({ url: agent.url, tills, sales, law: 'rksv' })).wholeSales)
}

function memoryRows(silent: Server, quiet: Server): Row[] {
  const [measured, floor] = [memoryOf(silent.pid).anonymous, memoryOf(quiet.pid).anonymous]
  const section = 'Idle memory with a silent tax office (floor column: no authority)'
  const row = { section, what: 'anonymous memory', unit: 'MB' as const }
  return [
    { ...row, measured, floor },
    limitRow({ ...row, what: 'more than without', measured: measured - floor }, 10, 'at most'),
  ]
}
