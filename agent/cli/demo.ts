import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command, Option } from 'commander'
import { stopSignal, untilAborted } from '../../base/stop-signals.ts'
import { checkConfig } from '../agent-config.ts'
import type { Answer, DemoShift, OfferedDemo, Proof } from '../laws/demo-shift.ts'
import { at } from '../laws/demo-shift.ts'
import { LAWS } from '../laws/laws.ts'
import { UsageError } from './arguments/options.ts'
import { areDevicesReady, openInside, openSeparate } from './demo/agent.ts'
import type { DemoPlace } from './demo/pos.ts'
import { pos } from './demo/pos.ts'
import { showAgent, showDay, showFolder, showHead, showSection } from './demo/screen.ts'
import { playDay } from './demo/shop.ts'
import { showShift } from './demo/shown-shift.ts'
import { until } from './demo/until.ts'
import { BrokenOffError } from './terminal/broken-off.ts'
import { print, styled, untilUnread } from './terminal/output.ts'

type Options = { exit?: boolean; offline?: boolean; law: string; shop?: string; emergency?: boolean }

/** The laws that have a demo, by their name on the command line. */
const PLAYED = new Map(
  LAWS.flatMap(({ settings: { word }, timeZone, demos }) =>
    demos === undefined ? [] : [[word, { timeZone, demos }] as const],
  ),
)

export function demoCommand(): Command {
  const words = [...PLAYED.keys()]
  return new Command('demo')
    .description("play a shop's shift against a separate agent, and prove its records")
    .option('--exit', 'exit after the shift')
    .option('--offline', 'sell while the cloud is unreachable, and show its return')
    .addOption(new Option('--law <law>', 'law of the shop').choices(words).default(words[0]))
    .addOption(
      new Option('--shop <shop>', 'shop of that law (default: its first)').choices(shopsOf([...PLAYED.values()])),
    )
    .option('--emergency', 'the printer is down for good: sell without it (rt)')
    .action(async ({ exit = false, offline = false, ...choice }: Options) => {
      const played = PLAYED.get(choice.law)
      if (played === undefined) return
      await play(await chosenOf(played.demos, choice).load(), played.timeZone, exit, offline)
    })
}

function chosenOf(
  demos: readonly OfferedDemo[],
  { law, shop, emergency = false }: Pick<Options, 'law' | 'shop' | 'emergency'>,
): OfferedDemo {
  const wanted = demos.filter(({ isEmergency = false }) => isEmergency === emergency)
  const demo = wanted.find((one) => shop === undefined || one.shop === shop)
  if (demo !== undefined) return demo
  if (wanted.length === 0) throw new UsageError(`The law ${law} has no emergency register: leave --emergency out`)
  throw new UsageError(`The law ${law} has no shop ${shop}. It has: ${shopsOf([{ demos: wanted }]).join(', ')}`)
}

function shopsOf(laws: readonly { readonly demos: readonly OfferedDemo[] }[]): string[] {
  return [...new Set(laws.flatMap(({ demos }) => demos.map(({ shop }) => shop)))]
}

async function play(demo: DemoShift, timeZone: string, isShort: boolean, isOffline: boolean): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'fiskal-edge-demo-'))
  const cloud = isOffline ? await openCloud(folder) : undefined
  const taxOffice = await openTaxOffice(demo, folder)
  const members = { ...configOf(demo, folder, cloud?.targets ?? []), ...taxOffice?.members }
  const config = checkConfig('demo', { ...members, listen: { port: 0 } }, folder)
  const stop = AbortSignal.any([stopSignal(), untilUnread()])
  const agent = await (demo.isSeparate === true ? openSeparate(members, config.state, folder) : openInside(config))
  try {
    const { url } = agent
    await cloud?.enrol(config.state)
    const { key } = await agent.technician.createKey('platform')
    showHead(demo.title, url, folder)
    // The agent refuses sales until the device is ready: it first reads the memory of a printer.
    const ready = async (): Promise<void> => {
      await until(async () => stop.aborted || (await areDevicesReady(agent)) || undefined, 'the device is not ready')
    }
    const crash = async (): Promise<void> => {
      await agent.crash()
      await ready()
    }
    await ready()
    const place = { url, stop, key, folder, state: config.state }
    const audit = async (): Promise<Proof> => (await import('./demo/audited.ts')).proveAudit(members, folder)
    const stage = { place, technician: agent.technician, taxOffice, crash, ready, audit, timeZone }
    const shop = await showShift(demo, stage)
    if (cloud !== undefined) await cloud.showReturn(place)
    if (!isShort) showDay(await playDay(place, demo.shop, timeZone))
    showSection(isShort ? 'Yours to look at' : 'Yours to try')
    if (!isShort) showAgent(url, key, shop, await hasOpenSession(place, at(shop.register, 'id')))
    showFolder(folder)
    if (!isShort) {
      print()
      print(styled('dim', 'The agent keeps running. Ctrl-C stops it.'))
      await untilAborted(stop)
    }
  } catch (error) {
    throw stop.aborted ? new BrokenOffError('Broken off in the middle of the shift: nothing is proven.') : error
  } finally {
    await agent.stop()
    await cloud?.close()
    await taxOffice?.close()
  }
}

/** True if the requests that were played left its session open, as the examples of the reference do. */
async function hasOpenSession(place: DemoPlace, register: string): Promise<boolean> {
  const office = pos(place, { Authorization: `Bearer ${place.key}` })
  const { data } = await office.get(`/v1/sessions?register_id=${register}&limit=200`)
  return (data as readonly Answer[]).some(({ state }) => state === 'open')
}

/** Loads the receiver only for --offline. */
async function openCloud(folder: string) {
  const { DemoCloud, showReturn } = await import('./demo/offline.ts')
  const { readSyncBacklog } = await import('../journal/cursors.ts')
  const cloud = await DemoCloud.open(folder)
  return {
    targets: cloud.targets,
    enrol: (state: string) => cloud.enrol(readSyncBacklog(state).agentId),
    showReturn: (place: DemoPlace) => showReturn(cloud, place),
    close: () => cloud.close(),
  }
}

/** Loads the simulated service only for a law with a tax office. */
async function openTaxOffice({ authority }: DemoShift, folder: string) {
  if (authority === undefined) return undefined
  const { DemoTaxOffice } = await import('./demo/tax-office.ts')
  return await DemoTaxOffice.open(folder, authority)
}

/** agent.json of the demo, without its address. */
function configOf({ device, hasDisplay }: DemoShift, folder: string, targets: readonly object[]): object {
  const display = hasDisplay === true ? { digitalReceipt: { show: ['display'] } } : {}
  return { version: 1, state: join(folder, 'state'), devices: [device], sync: { targets }, ...display }
}
