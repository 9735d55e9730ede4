import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command, Option } from 'commander'
import { stopSignal, untilAborted } from '../../base/stop-signals.ts'
import type { Config } from '../agent-config.ts'
import { checkConfig } from '../agent-config.ts'
import type { DemoShift } from '../laws/demo-shift.ts'
import { at } from '../laws/demo-shift.ts'
import { LAWS } from '../laws/laws.ts'
import { openAgent } from './daemon/technician.ts'
import type { DemoPlace } from './demo/pos.ts'
import { showAgent, showDay, showFolder, showHead, showSection } from './demo/screen.ts'
import { playDay } from './demo/shop.ts'
import { showShift } from './demo/shown-shift.ts'
import { until } from './demo/until.ts'
import { BrokenOffError } from './terminal/broken-off.ts'
import { print, styled, untilUnread } from './terminal/output.ts'

type Options = { exit?: boolean; offline?: boolean; law: string }

/** The laws that have a demo shift, by their name on the command line. */
const PLAYED = new Map(
  LAWS.flatMap(({ settings: { word }, timeZone, demo }) =>
    demo === undefined ? [] : [[word, { timeZone, load: demo }] as const],
  ),
)

export function demoCommand(): Command {
  const words = [...PLAYED.keys()]
  return new Command('demo')
    .description("play a bakery's shift against a separate agent, and prove its records")
    .option('--exit', 'exit after the shift')
    .option('--offline', 'sell while the cloud is unreachable, and show its return')
    .addOption(new Option('--law <law>', 'law of the shop').choices(words).default(words[0]))
    .action(async (options: Options) => {
      const law = PLAYED.get(options.law)
      if (law !== undefined) await play(law, options.exit ?? false, options.offline ?? false)
    })
}

type Played = { timeZone: string; load: () => Promise<DemoShift> }

async function play({ timeZone, load }: Played, isShort: boolean, isOffline: boolean): Promise<void> {
  const demo = await load()
  const folder = await mkdtemp(join(tmpdir(), 'fiskal-edge-demo-'))
  const cloud = isOffline ? await openCloud(folder) : undefined
  const config = demoConfig(demo, folder, cloud?.targets ?? [])
  const stop = AbortSignal.any([stopSignal(), untilUnread()])
  const agent = await openAgent(config)
  try {
    const { url } = await agent.listen()
    await cloud?.enrol(config.state)
    const { key } = await agent.administration.createKey('platform')
    showHead(demo.title, url, folder)
    // The agent refuses sales until the device is ready: it first reads the memory of a printer.
    const isReady = () => agent.administration.devices().every((device) => at(device, 'state') === 'ready')
    await until(async () => stop.aborted || isReady() || undefined, 'the device is not ready')
    const place = { url, stop, key, folder, state: config.state }
    const shop = await showShift(demo, { place, technician: agent.administration, timeZone })
    if (cloud !== undefined) await cloud.showReturn(place)
    if (!isShort) showDay(await playDay(place, demo.shop, timeZone))
    showSection(isShort ? 'Yours to look at' : 'Yours to try')
    if (!isShort) showAgent(url, key, shop)
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
  }
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

function demoConfig({ device }: DemoShift, folder: string, targets: readonly object[]): Config {
  const place = { state: join(folder, 'state'), listen: { port: 0 } }
  return checkConfig('demo', { version: 1, ...place, devices: [device], sync: { targets } }, folder)
}
