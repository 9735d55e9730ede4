import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '../../base/clock.ts'
import { Pkcs11Card } from '../../drivers/card-pkcs11/driver.ts'
import { CardSimulator } from '../../drivers/card-simulator/driver.ts'
import type { SignatureCard } from '../../drivers/ports/signature-card.ts'
import { outageRow } from './outage.ts'
import type { Server } from './processes.ts'
import { AUSTRIAN_DEVICES, memoryOf, startAgent, startLoad } from './processes.ts'
import type { Row } from './report.ts'
import { limitRow } from './report.ts'
import { openShop } from './shop.ts'
import { distributionOf, timesOf } from './statistics.ts'
import { technicianOf } from './technician.ts'
import type { TempFolder } from './temp-folder.ts'

const SIGNATURES = 300
const CLIENTS = 20
const SOFTHSM = '/usr/lib/softhsm/libsofthsm2.so'
const PIN = '123456'
const RANGE = { from: '1970-01-01T00:00:00Z', to: '9999-12-31T23:59:59Z' }
/** 100,000 receipts in 10 s. */
const RECEIPTS_A_SECOND = 10_000
const EXPORT_MEMORY_MB = 40
const SAMPLE_MS = 20
const message = Buffer.from('eyJhbGciOiJFUzI1NiJ9.X1IxLUFUMV9HVy1BVC0wMDFfMQ')

/** Signature units, receipts while the unit is down, and the DEP7 of many receipts that were sold for it. */
export async function austriaSection(folder: TempFolder, receipts: number): Promise<Row[]> {
  const rows = await cardRows(folder)
  const own = await folder.make('austria-agent')
  const load = startLoad()
  const agent = await startAgent(own, { devices: AUSTRIAN_DEVICES })
  try {
    const tills = await openShop(agent.url, own, 1, 'rksv')
    const till = tills[0] ?? { register: '', headers: {} }
    const clients = Array.from({ length: CLIENTS }, () => till)
    await load.run({ url: agent.url, tills: clients, sales: receipts, law: 'rksv' })
    rows.push(...(await exportRows(agent, own, receipts)), await outageRow(agent, own, load, till, 'card-1', 'rksv'))
    return rows
  } finally {
    await Promise.all([load.stop(), agent.stop()])
  }
}

/** The time of a signature, including the driver's queue and the check with the certificate's key. */
async function cardRows(folder: TempFolder): Promise<Row[]> {
  const directory = await folder.make('austria-cards')
  const simulator = new CardSimulator({ directory: join(directory, 'simulator'), clock: systemClock })
  const token = await softToken(directory)
  const rows = [await cardRow('simulator', simulator)]
  return token === undefined ? rows : [...rows, await cardRow('SoftHSM 2 through PKCS#11, in its own process', token)]
}

async function cardRow(name: string, card: SignatureCard): Promise<Row> {
  try {
    await card.initialise()
    await card.open()
    await timesOf(SIGNATURES, () => card.sign(message))
    const { p50, p99 } = distributionOf(await timesOf(SIGNATURES, () => card.sign(message)))
    const section = 'Signature of a card, p50 (the floor column: p99)'
    return { section, what: name, unit: 'ms', measured: p50, floor: p99, ratio: p99 / p50 }
  } finally {
    await card.close()
  }
}

async function softToken(directory: string): Promise<SignatureCard | undefined> {
  const configuration = join(directory, 'softhsm2.conf')
  await mkdir(join(directory, 'tokens'))
  await writeFile(configuration, `directories.tokendir = ${join(directory, 'tokens')}\n`)
  process.env['SOFTHSM2_CONF'] = configuration
  const initToken = ['--init-token', '--free', '--label', 'kassa', '--pin', PIN, '--so-pin', '87654321']
  if (!existsSync(SOFTHSM) || spawnSync('softhsm2-util', initToken).status !== 0) {
    console.error('No PKCS#11 token is measured: apt-get install softhsm2')
    return undefined
  }
  return new Pkcs11Card({
    id: 'card',
    module: SOFTHSM,
    token: 'kassa',
    vda: 'AT1',
    clock: systemClock,
    pin: async () => PIN,
    directory: join(directory, 'pkcs11'),
  })
}

async function exportRows({ pid }: Server, own: string, receipts: number): Promise<Row[]> {
  const technician = await technicianOf(own)
  const path = join(own, 'dep7.json')
  const before = memoryOf(pid).rss
  let most = before
  const sampling = setInterval(() => {
    most = Math.max(most, memoryOf(pid).rss)
  }, SAMPLE_MS)
  const started = performance.now()
  await technician.exportTo('dep7', RANGE, path)
  const seconds = (performance.now() - started) / 1000
  clearInterval(sampling)
  const section = `DEP7 of ${receipts.toLocaleString('en-US')} receipts, ${(statSync(path).size / 1e6).toFixed(0)} MB`
  return [
    { section, what: 'written in', unit: 's', measured: seconds },
    limitRow(
      { section, what: 'receipts a second', unit: '/s', measured: receipts / seconds },
      RECEIPTS_A_SECOND,
      'at least',
    ),
    limitRow({ section, what: 'memory (RSS) more', unit: 'MB', measured: most - before }, EXPORT_MEMORY_MB, 'at most'),
  ]
}
