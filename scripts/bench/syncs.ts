import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Till } from './load.ts'
import { AUSTRIAN_DEVICES, startAgent, startLoad } from './processes.ts'
import type { Row } from './report.ts'
import { limitRow } from './report.ts'
import type { Law } from './requests.ts'
import { openShop } from './shop.ts'
import type { TempFolder } from './temp-folder.ts'

const SALES = 200
const CLIENTS = 20
const ATTACH_MS = 1000

/** The number of the agent's syncs for each sale, counted with strace. Without strace there is no row. */
export async function syncSection(folder: TempFolder): Promise<Row[]> {
  if (spawnSync('strace', ['-V']).status !== 0) {
    console.error('The syncs are not counted: apt-get install strace')
    return []
  }
  return [...(await germanRows(folder)), ...(await austrianRows(folder))]
}

/** A German sale is two device acts. */
async function germanRows(folder: TempFolder): Promise<Row[]> {
  const tillsOf = (tills: readonly Till[], clients: number): readonly Till[] => tills.slice(0, clients)
  const [alone, together] = await syncsASale(folder, 'tse', CLIENTS, tillsOf)
  // A checkpoint of the log (every 1,000 pages) syncs twice more.
  return [
    limitRow({ ...row, what: 'a device act, 1 client', measured: alone / 2 }, 2.05, 'at most'),
    { ...row, what: 'a device act, 20 clients', measured: together / 2 },
  ]
}

/** Created, planned, signed; the outcome of a receipt shares its sync with the plan of the next waiting one. */
async function austrianRows(folder: TempFolder): Promise<Row[]> {
  const tillsOf = ([till]: readonly Till[], clients: number): readonly Till[] =>
    Array.from({ length: clients }, () => till).filter((one) => one !== undefined)
  const [alone, together] = await syncsASale(folder, 'rksv', 1, tillsOf)
  return [
    limitRow({ ...row, what: 'an Austrian sale, 1 client', measured: alone }, 3.1, 'at most'),
    limitRow({ ...row, what: 'an Austrian sale, 20 clients on one register', measured: together }, 1.5, 'at most'),
  ]
}

const row = { section: 'Syncs', unit: '' as const }

/** With one client and with many. */
async function syncsASale(
  folder: TempFolder,
  law: Law,
  registers: number,
  tillsOf: (tills: readonly Till[], clients: number) => readonly Till[],
): Promise<[alone: number, together: number]> {
  const own = await folder.make(`sync-agent-${law}`)
  const load = startLoad()
  const agent = await startAgent(own, law === 'rksv' ? { devices: AUSTRIAN_DEVICES } : {})
  try {
    const tills = await openShop(agent.url, own, registers, law)
    const count = async (clients: number): Promise<number> => {
      const trace = join(own, `syncs-${clients}.txt`)
      const args = ['-f', '-e', 'trace=fsync,fdatasync', '-o', trace, '-p', String(agent.pid)]
      const strace = spawn('strace', args, { stdio: 'ignore' })
      await pause(ATTACH_MS)
      await load.run({ url: agent.url, tills: tillsOf(tills, clients), sales: SALES, law })
      const ended = once(strace, 'exit')
      strace.kill('SIGINT')
      await ended
      return (readFileSync(trace, 'utf8').match(/ f(data)?sync\(/g) ?? []).length / SALES
    }
    return [await count(1), await count(CLIENTS)]
  } finally {
    await Promise.all([load.stop(), agent.stop()])
  }
}
