import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../agent/clock.ts'
import type { Agent } from '../../agent/compose.ts'
import { compose } from '../../agent/compose.ts'
import { checkConfig } from '../../agent/config/config.ts'
import type { Clock } from '../../drivers/ports/clock.ts'
import { DEVICE } from './daemon.ts'

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined }
const RESERVE_BYTES = 64_000_000

export type AgentHere = { agent: Agent; url: string; key: string; state: string }

export type AgentOptions = {
  state?: string
  clock?: Clock
  devices?: readonly object[]
  deadlineMs?: number
}

/** The whole agent in this process, with a platform key of its own; the caller stops it and removes the folder. */
export async function agentHere(options: AgentOptions = {}): Promise<AgentHere> {
  const state = options.state ?? mkdtempSync(join(tmpdir(), 'here-'))
  reserveFor(state)
  const config = checkConfig(
    'test',
    {
      version: 1,
      state,
      listen: { port: 0 },
      devices: options.devices ?? [{ id: DEVICE, driver: 'tse-simulator' }],
      ...(options.deadlineMs !== undefined && { deadlineMs: options.deadlineMs }),
    },
    state,
  )
  const random = (length: number): Uint8Array => randomBytes(length)
  const agent = await compose(config, { clock: options.clock ?? systemClock, random, log: SILENT })
  const { url } = await agent.listen()
  const { key } = await agent.administration.createKey('platform')
  return { agent, url, key, state }
}

/** A hole of the reserve's size: writing 64 MB for each agent proves nothing here. */
function reserveFor(state: string): void {
  mkdirSync(state, { recursive: true })
  const path = join(state, 'reserve')
  writeFileSync(path, '')
  truncateSync(path, RESERVE_BYTES)
}
