import { localDate, parseRfc3339, SHOP_ZONE } from '../../../base/clock.ts'
import { saysFileRemedy } from '../../../drivers/links/file-faults.ts'
import { listUsbDevices } from '../../../drivers/links/usb-devices.ts'
import { MAKERS } from '../../../drivers/tse-catalog.ts'
import type { Config } from '../../agent-config.ts'
import type { DeviceConfig } from '../../config/config.ts'
import type { Language } from '../../contract/receipt.ts'
import { missingDevices } from '../../devices/missing-devices.ts'
import { PRINTER_CLOCK_REMEDY } from '../../texts/printer-warnings.ts'
import type { WarningCode } from '../../texts/warnings.ts'
import { hasText, reportedWarningOf, warningOf } from '../../watch/warnings.ts'
import type { Technician } from '../daemon/admin-client.ts'
import { member } from '../daemon/admin-client.ts'
import { askedDevices } from '../daemon/asked-devices.ts'
import type { DeviceLine } from './down-together.ts'
import { downTogether } from './down-together.ts'
import type { Finding } from './finding.ts'
import { caution, failure, ok, READ_AGAIN } from './finding.ts'
import type { Enrolment } from './misplaced.ts'
import { misplacedRemedy } from './misplaced.ts'

const SKEW_SHOWN_MS = 1000

/** Warnings about the agent itself, which it measures while it runs. */
const OF_AGENT: ReadonlySet<string> = new Set<WarningCode>([
  'disk_slow',
  'journal_damaged',
  'journal_held',
  'projections_differ',
  'journal_newer',
  'clock_implausible',
  'machine_changed',
  'register_key_lost',
])

const AGAIN = ' The agent retries automatically.'
const TRIAL_REMEDY =
  'Use it for trials and training; configure a certified device before the shop opens (docs/devices.md).'
/** Debian's package gives its tokens and its configuration to a group. */
const SOFTHSM_GROUP =
  "put the agent's user into SoftHSM's group: usermod -aG softhsm fiskal-edge && systemctl restart fiskal-edge."

/** Its cards come without a PUK (drivers/card-pkcs11/README.md). */
const A_TRUST_MODULE = /asignp11/i

type Warned = { readonly code: string; readonly message: string }

/**
 * Queries every configured device now, and lists devices that registers need and the configuration does not have. In
 * another language than English a warning has its own sentence instead of the words of the device.
 */
export async function deviceFindings(
  technician: Pick<Technician, 'devices' | 'deviceAct' | 'installation'>,
  config: Config,
  language: Language = 'en',
): Promise<Finding[]> {
  const installation = await technician.installation()
  const registers = member(installation, 'registers')
  const missing = missingFindings(Array.isArray(registers) ? registers : [], config)
  if (config.devices.length === 0)
    return [...missing, caution('devices', 'none is configured', 'add one to "devices": without it nothing is signed')]
  const devices = await askedDevices(technician)
  const ids = new Set(devices.map((device) => String(member(device, 'id'))))
  const enrolments = (member(installation, 'enrolments') ?? []) as readonly Enrolment[]
  const plugged = await listUsbDevices(MAKERS)
  const findings = downTogether(
    devices.map((device) => {
      const misplaced = misplacedRemedy(device, enrolments, config.devices, plugged)
      const configured = config.devices.find(({ id }) => id === member(device, 'id'))
      return lineOf(device, deviceFinding(device, misplaced, configured, language))
    }),
  )
  return [...missing, ...findings, ...config.devices.filter(({ id }) => !ids.has(id)).map(unknown)]
}

/** Without a reason and a time it has its own line. */
function lineOf(device: unknown, finding: Finding): DeviceLine {
  const [code, since] = [warningsOf(device)[0]?.code, member(device, 'since')]
  const isDown = member(device, 'state') === 'down' && typeof since === 'string'
  return { code: isDown ? code : undefined, since: isDown ? since : '', finding }
}

function missingFindings(registers: Parameters<typeof missingDevices>[0], config: Config): Finding[] {
  const isConfigured = (id: string): boolean => config.devices.some((device) => device.id === id)
  return [...missingDevices(registers, isConfigured)].map(([id, names]) =>
    failure(
      id,
      `is not in the configuration, and ${names.join(', ')} cannot do without`,
      remedyOf({ code: 'device_missing', message: '' }, id, ''),
    ),
  )
}

/** The configuration was changed since the agent started. */
function unknown({ id, driver }: DeviceConfig): Finding {
  return failure(id, `${driver} is not known to the running agent`, READ_AGAIN)
}

/** `misplaced`: the remedy when the unit of another id answers; no command may use that unit. */
function deviceFinding(
  device: unknown,
  misplaced: string | undefined,
  configured: DeviceConfig | undefined,
  language: Language,
): Finding {
  const check = String(member(device, 'id'))
  const state = member(device, 'state')
  const driver = String(member(device, 'driver'))
  const isSoftHsm = /softhsm/i.test(String(member(configured, 'module')))
  const warnings = warningsOf(device)
  const words = [
    ...warnings.map((warning) => messageOf(warning, language)),
    ...facts(device),
    ...certification(configured),
  ]
  const message = [`${driver} is ${state}`, ...words].join('; ')
  const remedies = [
    ...new Set(
      warnings.map(
        (warning) =>
          (warning.code === 'device_foreign' ? misplaced : undefined) ?? remedyOf(warning, check, driver, configured),
      ),
    ),
    ...(isSoftHsm && state === 'down' ? [SOFTHSM_GROUP] : []),
  ]
  const ask = `fiskal-edge device status ${check}`
  const remedy = retryNoticeOnce(
    [...remedies, ...(remedies.some((one) => one.includes(ask)) ? [] : [ask])].join(' Then: '),
  )
  if (state === 'ready' && warnings.length === 0)
    return member(device, 'certified') === false
      ? caution(check, `${message}; TEST MODE, NOT CERTIFIED`, TRIAL_REMEDY)
      : ok(check, message)
  if (state === 'ready') return caution(check, message, remedy)
  return state === 'degraded' ? caution(check, message, remedy) : failure(check, message, remedy)
}

/** The retry notice applies to all remedies: it stays once, in the last place. */
function retryNoticeOnce(remedy: string): string {
  const last = remedy.lastIndexOf(AGAIN)
  return last < 0 ? remedy : remedy.slice(0, last).replaceAll(AGAIN, '') + remedy.slice(last)
}

function messageOf({ code, message }: Warned, language: Language): string {
  if (language === 'en' || !hasText(code) || saysFileRemedy(message)) return message
  return warningOf(code).message.replace(/\.$/, '')
}

function warningsOf(device: unknown): Warned[] {
  const warnings = member(device, 'warnings')
  if (!Array.isArray(warnings)) return []
  return warnings.map((warning) => ({
    code: String(member(warning, 'code')),
    message: String(member(warning, 'message')),
  }))
}

/** The remedy by its code; the command is completed with the device. */
function remedyOf({ code, message }: Warned, id: string, driver: string, configured?: DeviceConfig): string {
  if (code === 'device_unavailable' && saysFileRemedy(message))
    return 'Do what the message says. The agent retries automatically.'
  if (code === 'device_clock_skew' && driver.startsWith('rt-'))
    return `Check the time of this machine. ${PRINTER_CLOCK_REMEDY}`
  if (code === 'device_pin_locked' && A_TRUST_MODULE.test(String(member(configured, 'module'))))
    return 'A card of A-Trust has no PUK: order a new one (docs/technician.md, "A new signature card").'
  // The card may be removed, or the name wrong: the message lists the cards.
  if (code === 'device_unavailable' && driver.endsWith('-pkcs11'))
    return 'Check card and reader, and "module", "token" and "pinFile" in the configuration. The agent retries automatically.'
  // The line already has the unit's own message: no remedy to add.
  if (!hasText(code)) return 'If it stays so: fiskal-edge support bundle FILE, for support.'
  return warningOf(code, { device: id }).remedy
}

/** The end of the certification of a TSE by the BSI, which no unit reports. */
function certification(configured: DeviceConfig | undefined): string[] {
  const until = member(configured, 'certifiedUntil')
  if (until === undefined) return []
  return [`certification by the BSI until ${until ?? 'a day that is not entered ("certifiedUntil")'}`]
}

/** Serial number, expiry of the certificate, and clock deviation. */
function facts(device: unknown): string[] {
  const health = member(device, 'health')
  const until = member(health, 'certificate_expires_at')
  const skew = member(health, 'clock_skew_ms')
  const serial = member(device, 'serial')
  const description = member(health, 'description')
  // Which types of cards must go is known of two: the text of the token itself helps a technician with any other.
  const isCard = member(device, 'driver') === 'card-pkcs11'
  return [
    ...(typeof serial === 'string' ? [`serial ${serial.length > 16 ? `${serial.slice(0, 16)}…` : serial}`] : []),
    ...(typeof until === 'string' ? [`certificate until ${localDate(parseRfc3339(until) ?? 0, SHOP_ZONE)}`] : []),
    ...(typeof skew === 'number' && Math.abs(skew) > SKEW_SHOWN_MS
      ? [`its clock is ${Math.round(skew / 1000)} s off`]
      : []),
    ...(isCard && typeof description === 'string' ? [description] : []),
  ]
}

/** The state that only the running agent knows: the other checks have separate lines. */
export function agentFindings(status: unknown, language: Language = 'en'): Finding[] {
  const warnings = member(status, 'warnings')
  const own: readonly unknown[] = Array.isArray(warnings) ? warnings : []
  return own
    .filter((warning) => OF_AGENT.has(String(member(warning, 'code'))))
    .map((warning) => {
      const { code, message, remedy, severity } = reportedWarningOf(String(member(warning, 'code')), {})
      const detail = member(warning, 'detail')
      const text = typeof detail === 'string' && language === 'en' ? `${message} ${detail}` : message
      return severity === 'alarm' ? failure(code, text, remedy) : caution(code, text, remedy)
    })
}
