import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkConfig } from '../../agent/agent-config.ts'
import type { DemoAgent } from '../../agent/cli/demo/agent.ts'
import { openInside, untilReady } from '../../agent/cli/demo/agent.ts'
import { playSteps } from '../../agent/cli/demo/player.ts'
import { pos } from '../../agent/cli/demo/pos.ts'
import { openShop } from '../../agent/cli/demo/shop.ts'
import { shiftTill } from '../../agent/cli/demo/till.ts'
import { DEMO as AUSTRIAN } from '../../agent/laws/austria/demo/demo.ts'
import { FACTS as AUSTRIA } from '../../agent/laws/austria/facts.ts'
import type { DemoShift, ShiftAct } from '../../agent/laws/demo-shift.ts'
import { at } from '../../agent/laws/demo-shift.ts'
import { DEMO as GERMAN } from '../../agent/laws/germany/demo/demo.ts'
import { DEMO as ITALIAN } from '../../agent/laws/italy/demo/demo.ts'
import { FACTS as ITALY } from '../../agent/laws/italy/facts.ts'
import { pause, systemClock } from '../../base/clock.ts'
import { emptyReserve } from '../../test/empty-reserve.ts'
import { germanScenario } from '../scenario/played.ts'
import type { KeptShop } from './kept-shop.ts'
import { lastEventMs } from './kept-shop.ts'
import { packFiles } from './packed.ts'
import { recorded } from './recorded-fetch.ts'

type Place = { readonly url: string; readonly key: string; readonly state: string; readonly stop: AbortSignal }
type Played = { readonly name: string; readonly demo: DemoShift; play(place: Place, agent: DemoAgent): Promise<void> }

/** A shop of each law: in Germany the changes of the scenario, elsewhere the shift of the demo. */
const SHOPS: readonly Played[] = [
  {
    name: 'Germany',
    demo: GERMAN,
    play: async (place) => {
      const changes = germanScenario().filter(({ key }) => key !== undefined)
      for await (const _played of playSteps(changes, place));
    },
  },
  { name: 'Austria', demo: AUSTRIAN, play: (place, agent) => shift(AUSTRIAN, AUSTRIA.timeZone, place, agent) },
  { name: 'Italy', demo: ITALIAN, play: (place, agent) => shift(ITALIAN, ITALY.timeZone, place, agent) },
]

export async function playShops(): Promise<KeptShop[]> {
  const kept: KeptShop[] = []
  for (const shop of SHOPS) kept.push(await played(shop))
  return kept
}

async function played({ name, demo, play }: Played): Promise<KeptShop> {
  const folder = await mkdtemp(join(tmpdir(), 'shop-'))
  try {
    const members = { version: 1, state: 'state', devices: [demo.device] }
    const config = checkConfig('shop', { ...members, listen: { port: 0 } }, folder)
    emptyReserve(config.state)
    const agent = await openInside(config)
    const place = { url: agent.url, state: config.state, stop: new AbortController().signal }
    try {
      const { key } = await agent.technician.createKey('platform')
      await untilReady(agent)
      const { exchanges } = await recorded(() => play({ ...place, key }, agent))
      await agent.stop()
      return {
        name,
        config: members,
        files: packFiles(folder),
        platformKey: key,
        exchanges,
        endedMs: lastEventMs(config.state),
      }
    } finally {
      await agent.stop()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function shift(demo: DemoShift, timeZone: string, place: Place, agent: DemoAgent): Promise<void> {
  const { state } = place
  const shop = await openShop(place, demo.shop, timeZone)
  const till = pos(place, { 'x-register-api-key': shop.registerKey })
  const technician = {
    fault: (device: string, fault: string) => agent.technician.fault(device, fault),
    act: (device: string, act: ShiftAct) => agent.technician.deviceAct(device, act),
    paper: async () => (await demo.printed?.(state)) ?? [],
    crash: () => agent.crash(),
    ready: () => untilReady(agent),
    pause: (ms: number) => pause(systemClock, ms),
  }
  for await (const _step of demo.work(shiftTill(till, at(shop.register, 'id'), timeZone), technician));
}
