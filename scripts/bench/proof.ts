import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream, existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { pointOfCertificate, readCertificate } from '../../drivers/tr03151/certificate.ts'
import { findCurve, serialOfPoint, verifyPlain } from '../../drivers/tr03151/ecdsa.ts'
import { parseLogMessage } from '../../drivers/tr03151/log-message.ts'
import { readTar } from '../../drivers/tr03151/tar.ts'
import { certificatesAhead } from '../../verify/tse/verify-tar.ts'
import type { Till } from './load.ts'
import { familyCpuOf, watchMemory } from './process-family.ts'
import type { Server } from './processes.ts'
import { startAgent, startLoad, untilAlone } from './processes.ts'
import type { Row } from './report.ts'
import { limitRow } from './report.ts'
import { openingOf } from './requests.ts'
import { closeShop, openShop, post } from './shop.ts'
import { technicianOf } from './technician.ts'
import type { TempFolder } from './temp-folder.ts'

const TILLS_A_REGISTER = 5
const FEW_SALES = 3
const RANGE = { from: '1970-01-01T00:00:00Z', to: '9999-12-31T23:59:59Z' }
/** As a user starts it: the launcher spares a tenth of a short command. */
const COMMAND = fileURLToPath(new URL('../../bin/fiskal-edge', import.meta.url))
const LOOK_MS = 200

const GOAL_SALES = 40_000
/** Seconds of CPU for so many sales, and for an audit of a few. */
const GOALS = { package: 16, journalVerify: 8, audit: 50, auditOfFew: 1 }
/** Time of an audit in those of one thread that verifies its signatures once. */
const FLOORS_MOST = 5

const FILES = [
  { name: 'package', type: 'dsfinvk', file: 'dsfinvk.zip', goal: GOALS.package },
  { name: 'archive', type: 'tse_tar', file: 'tse.tar', goal: undefined },
  { name: 'journal file', type: 'journal', file: 'journal.ndjson', goal: undefined },
] as const
const ARCHIVE = FILES[1].file

/** The evidence of a German shop: its files, their checks, and the audit that has all of them. */
export async function proofSection(folder: TempFolder, sales: number): Promise<Row[]> {
  const few = await fewRows(await folder.make('proof-few'))
  const own = await folder.make('proof')
  const shop = { registers: 4, sessions: 4, sales }
  const agent = await sold(own, shop)
  try {
    const section = `The evidence of ${sales.toLocaleString('en-US')} sales at ${shop.registers} registers`
    const parts = await partRows(section, agent, own, sales)
    return [...parts, ...(await auditRows(section, agent, own, sales)), ...few]
  } finally {
    await agent.stop()
  }
}

type Shop = { readonly registers: number; readonly sessions: number; readonly sales: number }

/** An agent whose registers have sold at the same time, and whose first verification is over. */
async function sold(own: string, { registers, sessions, sales }: Shop): Promise<Server> {
  const load = startLoad()
  const agent = await startAgent(own)
  try {
    const tills = await openShop(agent.url, own, registers)
    const clients = tills.flatMap((till) => Array.from({ length: TILLS_A_REGISTER }, () => till))
    for (let session = 1; session <= sessions; session++) {
      await load.run({ url: agent.url, tills: clients, sales: Math.ceil(sales / sessions) })
      await endSessions(agent, tills, session < sessions)
    }
    while (!existsSync(join(own, 'state', 'proof.json'))) await pause(LOOK_MS)
    await untilAlone(agent.pid)
    return agent
  } catch (error) {
    await agent.stop()
    throw error
  } finally {
    await load.stop()
  }
}

async function endSessions({ url }: Server, tills: readonly Till[], reopens: boolean): Promise<void> {
  for (const till of tills) {
    await closeShop(url, till)
    if (reopens) await post(url, till.headers, '/v1/operations', openingOf(till.register))
  }
}

async function partRows(section: string, agent: Server, own: string, sales: number): Promise<Row[]> {
  const technician = await technicianOf(own)
  const rows: Row[] = []
  for (const { name, type, file, goal } of FILES) {
    const path = join(own, file)
    const written = await cpuOf(agent, () => technician.exportTo(type, RANGE, path))
    rows.push(
      goalRow({ section, what: `${name}: CPU`, unit: 's', measured: written.agent + written.child }, sales, goal),
    )
    const checked = await cpuOf(agent, () => command(own, 'verify', path))
    rows.push({ section, what: `verify of the ${name}: CPU`, unit: 's', measured: checked.command })
  }
  const verified = await cpuOf(agent, () => command(own, 'journal', 'verify'))
  const what = 'journal verify: CPU'
  return [...rows, goalRow({ section, what, unit: 's', measured: verified.command }, sales, GOALS.journalVerify)]
}

async function auditRows(section: string, agent: Server, own: string, sales: number): Promise<Row[]> {
  const place = join(own, 'audit')
  const floor = await signaturesOf(join(own, ARCHIVE))
  const memory = watchMemory()
  const before = performance.now()
  const cpu = await cpuOf(agent, () => command(own, 'audit', '--out', place))
  const tookSeconds = (performance.now() - before) / 1000
  const megabytes = memory()
  const all = cpu.command + cpu.agent + cpu.child
  const what = 'audit: its time ÷ one thread, all signatures once'
  return [
    goalRow({ section, what: 'audit: CPU of all processes', unit: 's', measured: all }, sales, GOALS.audit),
    { section, what: 'audit: CPU of its command', unit: 's', measured: cpu.command },
    { section, what: 'audit: CPU of the agent', unit: 's', measured: cpu.agent },
    { section, what: 'audit: CPU of the child that writes the package', unit: 's', measured: cpu.child },
    { section, what: `one thread: ${floor.count.toLocaleString('en-US')} signatures`, unit: 's', measured: floor.cpu },
    goalRow({ section, what, unit: '', measured: tookSeconds / floor.seconds }, sales, FLOORS_MOST),
    { section, what: 'audit: memory (PSS) of all processes', unit: 'MB', measured: megabytes },
  ]
}

/** The second of two audits: the first one compiles the programs. */
async function fewRows(own: string): Promise<Row[]> {
  const section = `An audit of ${FEW_SALES} sales`
  const agent = await sold(own, { registers: 1, sessions: 1, sales: FEW_SALES })
  const row = (what: string, measured: number): Row =>
    limitRow({ section, what, unit: 's', measured }, GOALS.auditOfFew, 'at most')
  try {
    await command(own, 'audit', '--out', join(own, 'first'))
    const running = await cpuOf(agent, () => command(own, 'audit', '--out', join(own, 'running')))
    await agent.stop()
    await command(own, 'audit', '--out', join(own, 'first-alone'))
    const before = familyCpuOf(process.pid).ended
    await command(own, 'audit', '--out', join(own, 'alone'))
    const alone = (familyCpuOf(process.pid).ended - before) / 1000
    return [
      row('CPU, the agent runs', running.command + running.agent + running.child),
      row('CPU, the agent is stopped', alone),
    ]
  } finally {
    await agent.stop()
  }
}

/** Only as many sales as the goal is for can meet it. */
function goalRow(row: Row, sales: number, goal: number | undefined): Row {
  return goal === undefined || sales !== GOAL_SALES ? row : limitRow(row, goal, 'at most')
}

type Cpu = { readonly command: number; readonly agent: number; readonly child: number }

/** Seconds of CPU that a work takes: of commands, of the agent, and of children of the agent. */
async function cpuOf({ pid }: Server, work: () => Promise<unknown>): Promise<Cpu> {
  const before = { agent: familyCpuOf(pid), ended: familyCpuOf(process.pid).ended }
  await work()
  await untilAlone(pid)
  const after = { agent: familyCpuOf(pid), ended: familyCpuOf(process.pid).ended }
  return {
    command: (after.ended - before.ended) / 1000,
    agent: (after.agent.own - before.agent.own) / 1000,
    child: (after.agent.ended - before.agent.ended) / 1000,
  }
}

/** Exit code 1 reports findings: units of a simulator are not certified. */
async function command(own: string, ...words: readonly string[]): Promise<void> {
  const args = [...words, '--config', join(own, 'agent.json')]
  const child = spawn(COMMAND, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  const [code] = (await once(child, 'close')) as [number | null]
  if (code === null || code > 1) throw new Error(`${words.join(' ')} ended with ${code}`)
}

/** All signatures of an archive, each verified once in this thread: no check of it can take less. */
async function signaturesOf(archive: string): Promise<{ count: number; seconds: number; cpu: number }> {
  const keys = new Map(
    (await certificatesAhead(createReadStream(archive))).map((certificate) => {
      const { point } = pointOfCertificate(readCertificate(certificate))
      return [serialOfPoint(point).toString('hex'), findCurve(point).key]
    }),
  )
  const sum = { count: 0, seconds: 0, cpu: 0 }
  for await (const { name, content } of readTar(createReadStream(archive))) {
    if (!name.endsWith('.log') || content === undefined) continue
    const { serial, algorithm, signedPart, signature } = parseLogMessage(content)
    const key = keys.get(Buffer.from(serial).toString('hex'))
    if (key === undefined) throw new Error(`${name} is of another unit`)
    const [started, cpu] = [performance.now(), process.threadCpuUsage()]
    if (!verifyPlain(key, algorithm, signedPart, signature)) throw new Error(`${name} has a wrong signature`)
    const { user, system } = process.threadCpuUsage(cpu)
    sum.count++
    sum.seconds += (performance.now() - started) / 1000
    sum.cpu += (user + system) / 1e6
  }
  return sum
}
