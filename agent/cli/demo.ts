import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command, Option } from 'commander'
import { stopSignal, untilAborted } from '../../base/stop-signals.ts'
import type { Config } from '../agent-config.ts'
import { checkConfig } from '../agent-config.ts'
import type { DemoShift } from '../laws/demo-shift.ts'
import { at } from '../laws/demo-shift.ts'
import { CONFIGURED_LAWS } from '../laws/settings.ts'
import { openAgent } from './daemon/technician.ts'
import type { DemoPlace } from './demo/pos.ts'
import { showAgent, showFolder, showHead, showSection } from './demo/screen.ts'
import { showShift } from './demo/shown-shift.ts'
import { until } from './demo/until.ts'
import { BrokenOffError } from './terminal/broken-off.ts'
import { print, styled, untilUnread } from './terminal/output.ts'

type Options = { exit?: boolean; offline?: boolean; law: string }

/** The laws that have a shift, by the word for them. */
const PLAYED = new Map(
  CONFIGURED_LAWS.flatMap(({ settings: { word }, timeZone, demo }) =>
    demo === undefined ? [] : [[word, { timeZone, load: demo }] as const],
  ),
)

export function demoCommand(): Command {
  const words = [...PLAYED.keys()]
  return new Command('demo')
    .description("plays a bakery's shift against an agent of its own, and proves it")
    .option('--exit', 'stops at the end')
    .option('--offline', 'sells while the cloud is away, and shows it come back')
    .addOption(new Option('--law <law>', 'which law').choices(words).default(words[0]))
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
    // Tills may come earlier: a printer has its memory to read, and who begins without it is refused.
    const isReady = () => agent.administration.devices().every((device) => at(device, 'state') === 'ready')
    await until(async () => stop.aborted || isReady() || undefined, 'the device is not ready')
    const place = { url, stop, key, folder, state: config.state }
    const shop = await showShift(demo, { place, technician: agent.administration, timeZone })
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

function demoConfig({ device }: DemoShift, folder: string, targets: readonly object[]): Config {
  const place = { state: join(folder, 'state'), listen: { port: 0 } }
  return checkConfig('demo', { version: 1, ...place, devices: [device], sync: { targets } }, folder)
}
