import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, fdatasyncSync, openSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import type { Config, ConfigFile } from '../config.ts'
import { isLoopback } from '../config-schema.ts'

/** One line of the doctor: what was looked at, how it is, and what mends it. */
export type Finding = { check: string; state: 'ok' | 'warning' | 'failure'; message: string; mend?: string }

const MEBIBYTE = 1024 * 1024
const SPACE_LEAST_BYTES = 64 * MEBIBYTE
const SPACE_WANTED_BYTES = 1024 * MEBIBYTE
const SYNC_PROBES = 20
/** A German sale costs four syncs: from here on a cashier feels it. */
const SYNC_SLOW_MS = 20
/** A disk this slow is not measured to the end: the doctor has three seconds. */
const SYNC_LIMIT_MS = 1000

export function checkNode(): Finding {
  const isNew = Number(process.versions.node.split('.')[0]) >= 24
  const message = `${process.version} (${process.execPath})`
  return isNew
    ? ok('node', message)
    : failure('node', message, 'run "npm ci" in the folder of fiskal-edge: it brings Node 24')
}

/** The modules that are compiled: the database always, the PKCS#11 one where a device asks for it. */
export function checkNativeModules(config: Config): Finding[] {
  const findings = [nativeModule('better-sqlite3', 'npm ci')]
  if (config.devices.some((device) => device.driver.endsWith('-pkcs11'))) {
    findings.push(
      nativeModule('pkcs11js', 'apt-get install g++ make python3 && npm rebuild pkcs11js', 'build/Release/pkcs11.node'),
    )
  }
  return findings
}

function nativeModule(name: string, mend: string, built?: string): Finding {
  const folder = join(import.meta.dirname, '..', '..', 'node_modules', name)
  const isThere = existsSync(built === undefined ? folder : join(folder, built))
  return isThere ? ok(`module ${name}`, 'installed') : failure(`module ${name}`, 'is not installed', mend)
}

export function checkSecrets({ warnings, file }: ConfigFile): Finding[] {
  const shown = ok('configuration', file ?? 'embedded default: TSE simulator, state in ./state')
  return [
    shown,
    ...warnings.map((warning) => caution('configuration', warning, 'chmod 600, owner the user of the agent')),
  ]
}

/** Vendor libraries and PKCS#11 modules given by path. */
export function checkLibraries(config: Config): Finding[] {
  return config.devices.flatMap((device) => {
    const path = 'module' in device ? device.module : 'library' in device ? device.library : undefined
    if (path === undefined || !path.includes('/')) return []
    const check = `library of ${device.id}`
    return existsSync(path)
      ? [ok(check, path)]
      : [failure(check, `${path} does not exist`, 'install the driver of the vendor, or correct the path')]
  })
}

export function checkState(state: string): Finding {
  const found = statSync(state, { throwIfNoEntry: false })
  if (found === undefined) return ok('state', `${state} will be made at the first start`)
  if (!found.isDirectory()) return failure('state', `${state} is no directory`, 'correct "state" in the configuration')
  if ((found.mode & 0o077) !== 0) return caution('state', `${state} is open to others`, `chmod 700 ${state}`)
  return ok('state', state)
}

export function checkSpace(state: string): Finding {
  const { bavail, bsize } = statfsSync(existingFolder(state))
  const free = bavail * bsize
  const message = `${Math.floor(free / MEBIBYTE)} MiB free`
  if (free < SPACE_LEAST_BYTES) return failure('disk space', message, 'free some: without it nothing can be sold')
  if (free < SPACE_WANTED_BYTES) return caution('disk space', message, 'a year of a busy till takes about 1 GiB')
  return ok('disk space', message)
}

/** Twenty appends with fdatasync, as the journal does them. */
export function checkSyncLatency(state: string): Finding {
  const file = join(existingFolder(state), `.fiskal-edge-doctor-${randomBytes(6).toString('hex')}`)
  try {
    const times = syncTimes(file)
    const median = times[Math.floor(times.length / 2)] ?? 0
    const message = `sync ${median.toFixed(2)} ms (median of ${times.length}), worst ${(times.at(-1) ?? 0).toFixed(1)} ms`
    return median > SYNC_SLOW_MS
      ? caution('disk speed', message, 'use an SSD: an SD card makes every sale wait')
      : ok('disk speed', message)
  } catch (error) {
    return failure(
      'disk speed',
      `cannot be written (${error instanceof Error ? error.message : 'unknown'})`,
      `chown or remount ${dirname(file)}`,
    )
  } finally {
    rmSync(file, { force: true })
  }
}

function syncTimes(file: string): number[] {
  const handle = openSync(file, 'wx', 0o600)
  try {
    const block = Buffer.alloc(4096)
    const times: number[] = []
    const begun = performance.now()
    while (times.length < SYNC_PROBES && performance.now() - begun < SYNC_LIMIT_MS) {
      const started = performance.now()
      writeSync(handle, block)
      fdatasyncSync(handle)
      times.push(performance.now() - started)
    }
    return times.sort((left, right) => left - right)
  } finally {
    closeSync(handle)
  }
}

function existingFolder(path: string): string {
  let folder = path
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder)
  return folder
}

/** Free, or held by our own daemon, which then tells its address. */
export async function checkPort({ host, port }: Config['listen'], daemonUrl: string | undefined): Promise<Finding> {
  if (daemonUrl !== undefined) return ok('port', `the agent is running at ${daemonUrl}`)
  const address = `${host}:${port}`
  const problem = await listenOnce(host, port)
  if (problem === undefined) return ok('port', `${address} is free`)
  return failure('port', `${address} cannot be had (${problem})`, 'stop the other program, or change listen.port')
}

function listenOnce(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    server.listen(port, host, () => server.close(() => resolve(undefined)))
  })
}

/** Under which names tills may call: a name without its port matches no Host header but that of port 80. */
export function checkHosts({ allowedHosts, listen, tls }: Config): Finding {
  const named = (tls?.names ?? []).map((name) => `${name.includes(':') ? `[${name}]` : name}:${listen.port}`)
  const own = [`127.0.0.1:${listen.port}`, `[::1]:${listen.port}`, `localhost:${listen.port}`]
  const message = [...own, ...named, ...allowedHosts].join(', ')
  const bare = allowedHosts.find((name) => !/:\d+$/.test(name))
  if (bare !== undefined) return caution('host names', message, `write "${bare}:${listen.port}" in allowedHosts`)
  if (!isLoopback(listen.host) && allowedHosts.length + named.length === 0) {
    return caution('host names', message, 'tills on the network need a name in tls.names or allowedHosts')
  }
  return ok('host names', message)
}

export const ok = (check: string, message: string): Finding => ({ check, state: 'ok', message })
export const caution = (check: string, message: string, mend: string): Finding => ({
  check,
  state: 'warning',
  message,
  mend,
})
export const failure = (check: string, message: string, mend: string): Finding => ({
  check,
  state: 'failure',
  message,
  mend,
})
