import { join } from 'node:path'
import type { Clock } from '../drivers/ports/clock.ts'
import type { Config } from './config.ts'
import { openAdminSocket } from './http/admin.ts'
import type { Application } from './http/application.ts'
import { createHttpServer } from './http/server.ts'
import type { Log } from './log.ts'
import { Drawing } from './receipts/drawing.ts'
import type { Administration } from './till/administration.ts'
import type { Meters } from './watch/meters.ts'

export type ServingOptions = {
  application: Application
  administration: Administration
  readiness: Application['readiness']
  meters: Meters
  version: string
  clock: Clock
  log: Log
  fault: (point: string) => void
}

/** Opens the sale API and the admin socket; returns the address of the first. What must be closed goes to `closers`. */
export async function serve(
  config: Config,
  options: ServingOptions,
  closers: (() => void | Promise<void>)[],
): Promise<string> {
  const { application, administration, readiness, meters, version, clock, log, fault } = options
  const drawing = new Drawing(clock)
  closers.push(() => drawing.close())
  const server = createHttpServer(application, {
    ...{ version, log, clock, fault },
    draw: drawing.draw,
    allowedHosts: config.allowedHosts,
    onAnswer: meters.noteRequest.bind(meters),
  })
  const { host, port } = await server.listen(config.listen.host, config.listen.port)
  closers.push(() => server.close())
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  const describe = () => ({ url, version, ...readiness(), targets: [...application.sync()] })
  const admin = await openAdminSocket({ path: join(config.state, 'admin.sock'), administration, describe, log })
  closers.push(() => admin.close())
  return url
}
