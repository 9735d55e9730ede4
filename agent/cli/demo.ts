import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command, Option } from 'commander'
import { localDate } from '../../base/clock.ts'
import { stopSignal, untilAborted } from '../../base/stop-signals.ts'
import type { Config } from '../agent-config.ts'
import { checkConfig } from '../agent-config.ts'
import type { Administration } from '../till/administration.ts'
import { openAgent } from './daemon/technician.ts'
import type { Answer } from './demo/pos.ts'
import { at, pos } from './demo/pos.ts'
import { proveShift, writeReceipts } from './demo/proof.ts'
import type { DemoPlace } from './demo/rksv.ts'
import type { Signed } from './demo/screen.ts'
import { showAgent, showDone, showFolder, showHead, showReceipt, showSection, showStep } from './demo/screen.ts'
import type { ShiftStep, Shop } from './demo/shift.ts'
import { openShop, workShift } from './demo/shift.ts'
import { until } from './demo/until.ts'
import { BrokenOffError } from './terminal/broken-off.ts'
import { print, styled, untilUnread } from './terminal/output.ts'

type Options = { exit?: boolean; offline?: boolean; law: 'tse' | 'rksv' | 'rt' }

export function demoCommand(): Command {
  return new Command('demo')
    .description("plays a bakery's shift against an agent of its own, and proves it")
    .option('--exit', 'stops at the end')
    .option('--offline', 'sells while the cloud is away, and shows it come back')
    .addOption(new Option('--law <law>', 'which law').choices(['tse', 'rksv', 'rt']).default('tse'))
    .action(async (options: Options) => {
      await play(options.law, options.exit ?? false, options.offline ?? false)
    })
}

type Law = Options['law']

const DEVICES = {
  tse: { id: 'tse-1', driver: 'tse-simulator' },
  rksv: { id: 'card-1', driver: 'card-simulator' },
  rt: { id: 'rt-1', driver: 'rt-simulator', timeouts: { ackMs: 500, replyMs: 1000, printMs: 2500 } },
} as const
const TITLES = {
  tse: "A German bakery's shift, signed by the embedded TSE simulator",
  rksv: "An Austrian bakery's shift, signed by the embedded card simulator",
  rt: "An Italian coffee roaster's shift, on the embedded printer simulator",
} as const

async function play(law: Law, isShort: boolean, isOffline: boolean): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'fiskal-edge-demo-'))
  const cloud = isOffline ? await openCloud(folder) : undefined
  const config = demoConfig(law, folder, cloud?.targets ?? [])
  const stop = AbortSignal.any([stopSignal(), untilUnread()])
  const agent = await openAgent(config)
  try {
    const { url } = await agent.listen()
    await cloud?.enrol(config.state)
    const { key } = await agent.administration.createKey('platform')
    showHead(TITLES[law], url, folder)
    // Tills may come earlier: a printer has its memory to read, and who begins without it is refused.
    const isReady = () => agent.administration.devices().every((device) => at(device as Answer, 'state') === 'ready')
    await until(async () => stop.aborted || isReady() || undefined, 'the device is not ready')
    const place = { url, stop, key, folder, state: config.state }
    const shop = await playShift(law, place, agent.administration)
    if (cloud !== undefined) await cloud.showReturn(place)
    showSection(isShort ? 'Yours to look at' : 'Yours to try')
    if (!isShort) showAgent(url, key, shop)
    showFolder(folder)
    if (!isShort) {
      print(`\n${styled('dim', 'The agent keeps running. Ctrl-C stops it.')}`)
      await untilAborted(stop)
    }
  } catch (error) {
    throw stop.aborted ? new BrokenOffError('Broken off in the middle of the shift: nothing is proven.') : error
  } finally {
    await agent.stop()
    await cloud?.close()
  }
}

/** Loaded when asked for: without it the demo needs no receiver. */
async function openCloud(folder: string) {
  const { DemoCloud, showReturn } = await import('./demo/offline.ts')
  const { readReplay } = await import('../journal/cursors.ts')
  const cloud = await DemoCloud.open(folder)
  return {
    targets: cloud.targets,
    enrol: (state: string) => cloud.enrol(readReplay(state).agentId),
    showReturn: (place: DemoPlace) => showReturn(cloud, place),
    close: () => cloud.close(),
  }
}

function playShift(law: Law, place: DemoPlace, technician: Administration): Promise<Shop> {
  if (law === 'tse') return showShift(place)
  return law === 'rksv' ? austria(place, technician) : italy(place, technician)
}

async function italy(place: DemoPlace, technician: Administration): Promise<Shop> {
  const { showItalianShift } = await import('./demo/rt.ts')
  return showItalianShift(place, technician)
}

async function austria(place: DemoPlace, technician: Administration): Promise<Shop> {
  const { showAustrianShift } = await import('./demo/rksv.ts')
  return showAustrianShift(place, technician)
}

function demoConfig(law: Law, folder: string, targets: readonly object[]): Config {
  const place = { state: join(folder, 'state'), listen: { port: 0 } }
  return checkConfig('demo', { version: 1, ...place, devices: [DEVICES[law]], sync: { targets } }, folder)
}

async function showShift(place: DemoPlace): Promise<Shop> {
  const { key, folder, state } = place
  const office = pos(place, { authorization: `Bearer ${key}` })
  showSection('Set-up, as a back office does it once')
  const shop = await openShop(office)
  showDone('Merchant', at(shop.merchant, 'legal_name'))
  showDone('Register', `${at(shop.register, 'name')}, ${at(shop.register, 'id')}`)
  showDone('TSE client', at(shop.register, 'fiscalization', 'client_id'))
  showDone('TSE serial', `${at(shop.register, 'fiscalization', 'tse_serial').slice(0, 48)}…`)

  showSection('The shift, as a till sends it')
  const till = pos(place, { 'x-register-api-key': shop.registerKey })
  const today = localDate(Date.now(), 'Europe/Berlin')
  const steps: ShiftStep[] = []
  for await (const step of workShift(till, at(shop.register, 'id'), today)) {
    steps.push(step)
    showStep(step, signedByTse(step))
  }

  showSection('The receipt of the second sale')
  showReceipt(await writeReceipts(till, steps, join(folder, 'receipts')))

  showSection('The proof')
  for (const { what, found } of await proveShift(office, steps, state, join(folder, 'exports'))) showDone(what, found)
  return shop
}

function signedByTse({ operation }: ShiftStep): Signed | undefined {
  const fiscal = operation['fiscal_information']
  if (fiscal === null || fiscal === undefined) return undefined
  const numbers = `transaction ${at(fiscal, 'transaction_number')}, signature counter ${at(fiscal, 'end_event', 'transaction_counter')}`
  return {
    label: 'signed',
    facts: `${at(fiscal, 'end_event', 'process_type')}, ${numbers}`,
    content: at(fiscal, 'end_event', 'process_data'),
  }
}
