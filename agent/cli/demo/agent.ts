import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Config } from '../../agent-config.ts'
import { adminSocketPath } from '../../config/admin-socket.ts'
import { at, DemoError } from '../../laws/demo-shift.ts'
import type { Technician } from '../daemon/admin-client.ts'
import { findDaemon } from '../daemon/admin-client.ts'
import { openAgent } from '../daemon/technician.ts'
import { until } from './until.ts'

const PROGRAM = fileURLToPath(new URL('../main.ts', import.meta.url))
/** It has just started, and compiles the rest of its modules on a busy machine. */
const FIRST_ANSWER_LIMIT_MS = 60_000
/** The line that a daemon prints when it listens. */
const READY = /ready at (http:\S+)/

/** The acts of the technician that a demo needs. */
export type DemoTechnician = Pick<
  Technician,
  'createKey' | 'devices' | 'deviceAct' | 'display' | 'fault' | 'exportTo' | 'listDuties' | 'showDuty' | 'notices'
>

/** The agent of a demo. */
export type DemoAgent = {
  readonly url: string
  readonly technician: DemoTechnician
  /** Ends its process as a power cut would, and starts it again. Throws {@link DemoError} if it cannot. */
  crash(): Promise<void>
  stop(): Promise<void>
}

export async function areDevicesReady({ technician }: DemoAgent): Promise<boolean> {
  return (await technician.devices()).every((device) => at(device, 'state') === 'ready')
}

/** Throws {@link DemoError}, and the reason of `stop`. */
export async function untilReady(agent: DemoAgent, stop?: AbortSignal): Promise<void> {
  await until(async () => (await areDevicesReady(agent)) || undefined, 'the device is not ready', stop)
}

/** In this process. */
export async function openInside(config: Config): Promise<DemoAgent> {
  const agent = await openAgent(config)
  const { administration } = agent
  const { url } = await agent.listen()
  return {
    url,
    technician: {
      createKey: async (...args) => administration.createKey(...args),
      devices: async () => administration.devices(),
      deviceAct: (...args) => administration.deviceAct(...args),
      display: async (...args) => administration.display(...args),
      fault: async (...args) => administration.fault(...args),
      exportTo: async (...args) => administration.exportTo(...args),
      listDuties: () => administration.listDuties(),
      showDuty: (id) => administration.showDuty(id),
      notices: async (...args) => administration.notices(...args),
    },
    crash: async () => {
      throw new DemoError('the agent of this demo runs in the process of the demo')
    },
    stop: () => agent.stop(),
  }
}

/** In a separate process, which ends with this one. `members` are those of its agent.json. */
export async function openSeparate(members: object, state: string, folder: string): Promise<DemoAgent> {
  const file = join(folder, 'agent.json')
  const write = (port: number): void => writeFileSync(file, JSON.stringify({ ...members, listen: { port } }))
  const log = openSync(join(folder, 'agent.log'), 'a')
  write(0)
  let running = await start(file, log, state)
  const { url } = running
  // The tills keep the address over a crash.
  write(Number(new URL(url).port))
  let crashed = Promise.resolve()
  const crash = async (): Promise<void> => {
    await end(running.child, 'SIGKILL')
    running = await start(file, log, state)
  }
  return {
    url,
    get technician() {
      return running.technician
    },
    crash: () => {
      crashed = crash()
      return crashed
    },
    stop: async () => {
      // A run may end while its agent comes back: that process ends too.
      await crashed.catch(() => undefined)
      await end(running.child, 'SIGTERM')
    },
  }
}

type Running = { readonly child: ChildProcess; readonly url: string; readonly technician: DemoTechnician }

/** A process that cannot be used is ended. */
async function start(file: string, log: number, state: string): Promise<Running> {
  const child = spawn(process.execPath, [PROGRAM, 'run', '--config', file], {
    stdio: ['ignore', 'pipe', log],
    env: { ...process.env, FISKAL_EDGE_PARENT: String(process.pid) },
  })
  try {
    return { child, url: await urlOf(child, file), technician: await technicianOf(state) }
  } catch (error) {
    await end(child, 'SIGKILL')
    throw error
  }
}

async function urlOf({ stdout }: ChildProcess, file: string): Promise<string> {
  if (stdout === null) throw new DemoError('the agent has no output')
  for await (const line of createInterface({ input: stdout })) {
    const url = READY.exec(line)?.[1]
    if (url !== undefined) return url
  }
  throw new DemoError(`the agent does not start: ${join(file, '..', 'agent.log')} says why`)
}

async function technicianOf(state: string): Promise<DemoTechnician> {
  const daemon = await findDaemon(adminSocketPath(state), FIRST_ANSWER_LIMIT_MS)
  if (daemon === undefined) throw new DemoError('the agent has no socket for the technician')
  return daemon.technician
}

async function end(child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill(signal)
  await exited
}
