import { randomBytes } from 'node:crypto'
import { readConfig } from '../../agent/agent-config.ts'
import { compose } from '../../agent/compose.ts'
import { stayAlive, systemClock } from '../../base/clock.ts'

/**
 * The daemon with one armed fault point: config, points (comma between), which hit kills, counted from `start`, from
 * `ready` or from another point on, and by how many milliseconds the wall clock is off.
 * `ready` gets its address.
 */
export async function live(args: readonly string[], ready: (url: string) => void): Promise<void> {
  const [configFile = '', points = '', hit = '1', from = 'start', offsetMs = '0'] = args
  const armed = new Set(points.split(','))
  let counting = from === 'start'
  let hits = 0
  const fault = (point: string): void => {
    if (point === from) counting = true
    if (!counting || !armed.has(point) || ++hits < Number(hit)) return
    process.kill(process.pid, 'SIGKILL')
  }
  const lines = (fields: object, message: string): void => {
    process.stderr.write(`${message} ${JSON.stringify(fields)}\n`)
  }
  // Clocks and devices alone do not: main.ts stays alive, too.
  const leave = stayAlive()
  const agent = await compose(readConfig(configFile).config, {
    clock: { ...systemClock, now: () => Date.now() + Number(offsetMs) },
    random: (length) => randomBytes(length),
    log: { info: () => undefined, warn: lines, error: lines },
    fault,
    onFatal: () => process.exit(74),
  })
  const { url } = await agent.listen()
  if (from === 'ready') counting = true
  process.once('SIGTERM', () => {
    leave()
    agent.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`${error}\n`)
        process.exit(1)
      },
    )
  })
  ready(url)
}
