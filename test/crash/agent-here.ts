import { randomBytes } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkConfig } from '../../agent/agent-config.ts'
import type { Agent } from '../../agent/compose.ts'
import { compose } from '../../agent/compose.ts'
import type { Clock } from '../../base/clock.ts'
import { systemClock } from '../../base/clock.ts'
import { emptyReserve } from '../empty-reserve.ts'
import { silentLog } from '../silent-log.ts'
import { DEVICE } from './daemon.ts'
import { VAT_FILE } from './vat-file.ts'

export type AgentHere = { agent: Agent; url: string; key: string; state: string }

export type AgentOptions = {
  state?: string
  clock?: Clock
  devices?: readonly object[]
  deadlineMs?: number
}

/** The whole agent in this process, with its own platform key; the caller stops it and removes the folder. */
export async function agentHere(options: AgentOptions = {}): Promise<AgentHere> {
  const state = options.state ?? mkdtempSync(join(tmpdir(), 'here-'))
  emptyReserve(state)
  const config = checkConfig(
    'test',
    {
      version: 1,
      state,
      listen: { port: 0 },
      devices: options.devices ?? [{ id: DEVICE, driver: 'tse-simulator' }],
      ...VAT_FILE,
      ...(options.deadlineMs !== undefined && { deadlineMs: options.deadlineMs }),
    },
    state,
  )
  const random = (length: number): Uint8Array => randomBytes(length)
  const agent = await compose(config, { clock: options.clock ?? systemClock, random, log: silentLog })
  const { url } = await agent.listen()
  const { key } = await agent.administration.createKey('platform')
  return { agent, url, key, state }
}
