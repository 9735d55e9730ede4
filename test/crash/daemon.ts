import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Administration } from '../../agent/till/administration.ts'
import { ACT_ARGUMENTS } from '../../agent/till/administration.ts'
import { emptyReserve } from '../empty-reserve.ts'
import { asLaunched } from '../lasting-disk.ts'
import { within } from '../waits.ts'
import type { Daemon, Ended } from './agent-process.ts'
import { forkLife } from './forked-lives.ts'
import { VAT_FILE } from './vat-file.ts'

export type { Daemon, Ended } from './agent-process.ts'

const ROOT = resolve(import.meta.dirname, '..', '..')

export type Place = { folder: string; state: string; config: string }

export const DEVICE = 'tse-1'

/** A separate configuration in a temporary folder; the caller removes it. */
export function ownPlace(device: object = {}, more: object = {}): Place {
  const folder = mkdtempSync(join(tmpdir(), 'crash-'))
  const config = join(folder, 'agent.json')
  const devices = [{ id: DEVICE, driver: 'tse-simulator', ...device }]
  writeFileSync(
    config,
    JSON.stringify({
      version: 1,
      state: 'state',
      listen: { port: 0 },
      devices,
      log: { level: 'warn' },
      ...VAT_FILE,
      ...more,
    }),
  )
  const state = join(folder, 'state')
  emptyReserve(state)
  return { folder, state, config }
}

/** The daemon as it is shipped. */
export function runDaemon(config: string, environment: Environment = {}): Daemon<ChildProcess> {
  return follow(spawnNode(['bin/fiskal-edge.cjs', 'run', '--config', config], environment))
}

/** Hits count from `start`, from `ready`, or from the point of that name on. */
export type Armed = { points: readonly string[]; hit: number; from: string; offsetMs?: number }

/** A life that no point ends. */
export const UNARMED: Armed = { points: [], hit: 1, from: 'start' }

/** It lives half a second: to compile for speed and to collect on other threads took an eighth of it (measured). */
const SHORT_LIFE = [
  ...['--min-semi-space-size=16', '--max-semi-space-size=16', '--single-threaded-gc'],
  ...['--no-opt', '--no-maglev'],
]

/** The daemon that kills itself at a fault point. `by`: the command that runs it, as in another namespace. */
export function runArmed(
  config: string,
  { points, hit, from, offsetMs = 0 }: Armed,
  by: readonly string[] = [],
): Daemon {
  const args = [config, points.join(','), String(hit), from, String(offsetMs)]
  if (by.length === 0) return forkLife(args)
  return follow(spawnNode([...SHORT_LIFE, 'test/crash/child.ts', ...args], {}, by))
}

type Environment = { readonly [name: string]: string }

export function spawnNode(
  args: readonly string[],
  environment: Environment = {},
  by: readonly string[] = [],
): ChildProcess {
  const env = { ...asLaunched(), ...environment }
  const [command = process.execPath, ...rest] = [...by, process.execPath, ...args]
  return spawn(command, rest, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] })
}

function follow(child: ChildProcess): Daemon<ChildProcess> {
  const startedAt = performance.now()
  let readyMs = 0
  let out = ''
  let errors = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  const closed = new Promise<Ended>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal, errors }))
  })
  const served = new Promise<string | undefined>((resolve) => {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      out += text
      const url = /ready at (\S+)/.exec(out)?.[1]
      if (url === undefined || readyMs > 0) return
      readyMs = performance.now() - startedAt
      resolve(url)
    })
    void closed.then(() => resolve(undefined))
  })
  const name = child.spawnargs.join(' ')
  const kill = (): boolean => child.kill('SIGKILL')
  return {
    child,
    readyMs: () => readyMs,
    get ready() {
      return within(`the ready line of ${name}`, served, kill)
    },
    get ended() {
      return within(`the end of ${name}`, closed, kill)
    },
  }
}

/** An act of the technician over the admin socket. */
export function administer<Act extends keyof Administration>(
  state: string,
  act: Act,
  ...args: Parameters<Administration[Act]>
): Promise<Awaited<ReturnType<Administration[Act]>>> {
  const names: readonly string[] = ACT_ARGUMENTS[act]
  return new Promise((resolve, reject) => {
    const body = JSON.stringify(Object.fromEntries(names.map((name, at) => [name, args[at]])))
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    const socketPath = join(state, 'admin.sock')
    const call = request({ socketPath, method: 'POST', path: `/${act}`, headers, agent: false }, (res) => {
      let text = ''
      res.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      res.on('error', reject)
      res.on('end', () => {
        if (res.statusCode === 200) resolve(JSON.parse(text))
        else reject(new Error(`${act}: ${res.statusCode} ${text}`))
      })
    })
    call.on('error', reject)
    call.end(body)
  })
}

export async function platformKey(state: string): Promise<string> {
  return (await administer(state, 'createKey', 'platform')).key
}
