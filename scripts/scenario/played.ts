import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkConfig } from '../../agent/agent-config.ts'
import type { StepAnswer } from '../../agent/cli/demo/player.ts'
import { playStep, playSteps } from '../../agent/cli/demo/player.ts'
import { until } from '../../agent/cli/demo/until.ts'
import { compose } from '../../agent/compose.ts'
import type { PlayedStep } from '../../agent/contract/examples.ts'
import { DRY_RUN_STATUS } from '../../agent/contract/route.ts'
import type { Step } from '../../agent/contract/scenario.ts'
import { scenarioOf } from '../../agent/contract/scenario.ts'
import { at } from '../../agent/laws/demo-shift.ts'
import { DEMO } from '../../agent/laws/germany/demo/demo.ts'
import { FACTS } from '../../agent/laws/germany/facts.ts'
import type { Json } from '../../base/canonical.ts'
import type { Clock } from '../../base/clock.ts'
import { systemClock } from '../../base/clock.ts'
import { silentLog } from '../../test/silent-log.ts'

/** On the day of the literals in the scenario. */
const BEGIN = Date.parse('2026-02-25T14:00:00Z')

export function germanScenario(): readonly Step[] {
  const { day, location, ...shop } = DEMO.shop
  if (day === undefined) throw new Error('the demo of Germany has the words of a day')
  return scenarioOf({ ...shop, location: { ...location, timezone: FACTS.timeZone }, day })
}

/** Plays it on a new agent, on the day of its literals. */
export async function playScenario(): Promise<readonly PlayedStep[]> {
  const folder = await mkdtemp(join(tmpdir(), 'scenario-'))
  const config = checkConfig(
    'scenario',
    { version: 1, state: join(folder, 'state'), listen: { port: 0 }, devices: [DEMO.device] },
    folder,
  )
  const agent = await compose(config, { clock: dayClock(), random: (length) => randomBytes(length), log: silentLog })
  try {
    const { url } = await agent.listen()
    const { key } = await agent.administration.createKey('platform')
    const isReady = () => agent.administration.devices().every((device) => at(device, 'state') === 'ready')
    await until(async () => isReady() || undefined, 'the device is not ready')
    const office = { url, key, stop: new AbortController().signal }
    const played: PlayedStep[] = []
    for await (const [step, answer] of playSteps(germanScenario(), office)) {
      const trial = step.name === TRIED && exampleValue(await playStep(trialOf(step), office))
      played.push(
        atUsualAddress(
          {
            ...step,
            answer: { mediaType: answer.mediaType, value: exampleValue(answer) },
            ...(trial !== false && { trial }),
          },
          url,
        ),
      )
    }
    return played
  } finally {
    await agent.stop()
    await rm(folder, { recursive: true })
  }
}

/** System time under the calendar of the scenario. */
function dayClock(): Clock {
  const offsetMs = BEGIN - Date.now()
  return { ...systemClock, now: () => Date.now() + offsetMs }
}

/** It is also sent as a dry run: the document has the answer. */
const TRIED = 'sale-1'

function trialOf({ key: _unused, ...step }: Step): Step {
  return { ...step, headers: { Prefer: 'dry-run' }, status: DRY_RUN_STATUS }
}

/** No key of an example could open anything. */
function atUsualAddress(step: PlayedStep, url: string): PlayedStep {
  const text = JSON.stringify(step)
    .replaceAll(url, 'http://127.0.0.1:7070')
    .replaceAll(/ofk_reg_[\w-]+/g, 'ofk_reg_EXAMPLE')
  return JSON.parse(text) as PlayedStep
}

/** A page, a picture or a file is shown by its beginning. */
const TEXT_MAX = 400
const BYTES_MAX = 16

function exampleValue({ mediaType, body }: StepAnswer): Json {
  if (mediaType.startsWith('application/json')) return JSON.parse(body.toString()) as Json
  if (mediaType.startsWith('text/event-stream')) return lastData(body.toString())
  if (/^text\/|svg/.test(mediaType)) return shortened(withoutStyle(body.toString()), TEXT_MAX)
  return shortened(body.toString('latin1').replaceAll(/[^ -~]/g, '.'), BYTES_MAX)
}

/** OpenAPI 3.1 describes a stream by the data of one event. */
function lastData(stream: string): Json {
  const data = [...stream.matchAll(/^data: (.*)$/gm)].at(-1)?.[1]
  if (data === undefined) throw new Error(`a stream without an event: ${stream}`)
  return JSON.parse(data) as Json
}

function withoutStyle(page: string): string {
  return page.replaceAll(/<style>[^<]*<\/style>/g, '<style>…</style>')
}

function shortened(text: string, max: number): string {
  if (text.length <= max) return text
  const beginning = text.slice(0, max)
  const lines = beginning.lastIndexOf('\n') + 1
  return `${lines > 0 ? beginning.slice(0, lines) : beginning}…`
}
