import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { LawKeys } from '../../../base/settings/law-settings.ts'
import type { Config, ConfigFile } from '../../agent-config.ts'
import { configFingerprint } from '../../config/fingerprint.ts'
import { LAW_KEYS } from '../../laws/laws.ts'
import { member } from '../daemon/admin-client.ts'
import type { Finding } from './finding.ts'
import { caution, failure, ok, READ_AGAIN } from './finding.ts'

export function checkNode(): Finding {
  const isNew = Number(process.versions.node.split('.')[0]) >= 24
  const message = `${process.version} (${process.execPath})`
  return isNew
    ? ok('node', message)
    : failure('node', message, 'run "npm ci" in the folder of fiskal-edge: it brings Node 24')
}

/** The compiled modules: always the database, those for PKCS#11 and USB if a device needs them. */
export function checkNativeModules(config: Config): Finding[] {
  const findings = [nativeModule('better-sqlite3', 'npm ci')]
  if (config.devices.some((device) => device.driver.endsWith('-pkcs11'))) {
    findings.push(
      nativeModule('pkcs11js', 'apt-get install g++ make python3 && npm rebuild pkcs11js', 'build/Release/pkcs11.node'),
    )
  }
  if (config.devices.some((device) => 'usb' in device && device.usb !== undefined)) {
    findings.push(nativeModule('usb', 'npm ci', `../@node-usb/usb-linux-${process.arch}-gnu`))
  }
  return findings
}

function nativeModule(name: string, remedy: string, built?: string): Finding {
  const folder = join(import.meta.dirname, '..', '..', '..', 'node_modules', name)
  const isThere = existsSync(built === undefined ? folder : join(folder, built))
  return isThere ? ok(`module ${name}`, 'installed') : failure(`module ${name}`, 'is not installed', remedy)
}

export function checkSecrets({ warnings, invalidSecrets, file }: ConfigFile): Finding[] {
  const shown = ok('configuration', file ?? 'embedded default: TSE simulator, state in ./state')
  return [
    shown,
    ...invalidSecrets.map((problem) => failure('configuration', problem, 'correct that file, then repeat the doctor')),
    ...warnings.map((warning) =>
      caution('configuration', warning, 'correct that key or its file; mode 0600, owner the user of the agent'),
    ),
  ]
}

/** The effect of the keys of laws, such as the rates of VAT in force. */
export function checkLawKeys(config: Config, nowMs: number): Finding[] {
  return Object.entries(LAW_KEYS as LawKeys).flatMap(([key, { effects }]) =>
    (effects?.(Reflect.get(config, key), config.devices, nowMs) ?? []).map((effect) => ok(key, effect)),
  )
}

/** A running agent uses the content that the file had at its start. */
export function checkRead(config: Config, daemon: unknown): Finding[] {
  const read = member(daemon, 'configuration')
  // The running daemon may be older than this command.
  if (typeof read !== 'string' || read === configFingerprint(config)) return []
  return [caution('configuration', 'changed since the agent started; not loaded yet', READ_AGAIN)]
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
