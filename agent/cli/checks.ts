import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Config, ConfigFile } from '../config/config.ts'
import { BROKEN_DISK } from '../failure.ts'
import { codeOf } from '../thrown.ts'
import { existingFolder } from './check-state.ts'
import type { Finding } from './finding.ts'
import { caution, failure, ok } from './finding.ts'

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
    ...warnings.map((warning) =>
      caution('configuration', warning, 'correct that key or its file; mode 0600, owner the user of the agent'),
    ),
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
      mendOf(codeOf(error), dirname(file)),
    )
  }
}

function mendOf(code: string | undefined, folder: string): string {
  if (code === 'EROFS' || code === 'EIO') return BROKEN_DISK
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'make room on that disk: df -h, and df -i for files'
  return `chown or remount ${folder}`
}

function syncTimes(file: string): number[] {
  const handle = openSync(file, 'wx', 0o600)
  // Without a name from now on: who breaks off a doctor leaves nothing.
  rmSync(file, { force: true })
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
