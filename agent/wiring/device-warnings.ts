import type { Clock } from '../../base/clock.ts'
import { rfc3339 } from '../../base/clock.ts'
import { counted } from '../../base/text.ts'
import { isOutage } from '../devices/error-verdict.ts'
import { warningsOf } from '../devices/report.ts'
import type { DeviceSupervisor } from '../devices/supervisor.ts'
import { warningCodeOf } from '../devices/warning.ts'
import type { Journal } from '../journal/journal.ts'
import type { UnresolvedOutcome, UnresolvedOutcomes } from '../till/recording/unresolved-outcomes.ts'
import type { UnsignedReceipts } from '../watch/unsigned-receipts.ts'
import type { Warning } from '../watch/warnings.ts'
import { reportedWarningOf, warningOf } from '../watch/warnings.ts'
import { unresolvedWarnings } from './journal-warnings.ts'

type Options = {
  journal: Pick<Journal, 'view'>
  devices: ReadonlyMap<string, DeviceSupervisor>
  clock: Clock
  unresolved: Pick<UnresolvedOutcomes, 'all' | 'of'>
  unsigned: Pick<UnsignedReceipts, 'registers' | 'of'>
}

export function deviceWarnings({ clock, unresolved }: Options, device: DeviceSupervisor): Warning[] {
  const { id, trouble, usable, since } = device
  const reason = trouble && warningCodeOf(device.device.unit.kind, trouble.code)
  return warningsOf(device, clock.now()).map(({ code, message: detail, due }) => {
    const isReason = !usable && code === reason && detail === trouble?.message
    return reportedWarningOf(code, {
      ...{ device: id, detail, due },
      // A device of another kind is ready, and does nothing for those registers.
      ...((isReason || code === 'device_missing') && { isTrouble: true }),
      ...(isReason && { isLogged: true }),
      // A restart does not begin the outage of a device again.
      ...((isReason || (!usable && code === 'card_outage')) && { sinceMs: since }),
      ...(code === 'device_outcome_unresolved' && { fields: actFields(unresolved.of(id)) }),
    })
  })
}

/** Devices that were removed from the configuration: they have no report. */
export function unresolvedElsewhere({ devices, unresolved }: Options): Warning[] {
  const elsewhere = unresolved.all().filter(({ device }) => !devices.has(device))
  return [...new Set(elsewhere.map(({ device }) => device))].flatMap((device) => {
    const outcomes = elsewhere.filter((outcome) => outcome.device === device)
    return unresolvedWarnings(outcomes).map(({ code, message }) =>
      warningOf(code, { device, detail: message, fields: actFields(outcomes) }),
    )
  })
}

function actFields([oldest]: readonly UnresolvedOutcome[]) {
  return { act: oldest?.act, operation_id: oldest?.op, cause: oldest?.code }
}

/** Receipts that a device refused to sign while it was ready: those of an outage have its warning. */
export function unsignedWarnings({ journal: { view }, devices, unsigned }: Options): Warning[] {
  return unsigned.registers().flatMap((id) => {
    const { name = '', fiscal_device: device } = view.register(id)?.shown ?? {}
    const kind = devices.get(device ?? '')?.device.unit.kind
    if (kind === undefined || device == null) return []
    const refused = unsigned.of(id, (code) => !isOutage(kind, { code, effect: 'none' }))
    if (refused === undefined) return []
    const { count, sinceMs } = refused
    const detail = `${counted(count, 'receipt', 'receipts')} of ${name} (${id}), the first at ${rfc3339(sinceMs)}`
    const about = { kind: 'register', id } as const
    return [warningOf('receipts_unsigned', { device, about, detail, fields: { count } })]
  })
}
