import { mailText } from '../../../alerts/mail-text.ts'
import { systemClock } from '../../../base/clock.ts'
import { packageVersion } from '../../../base/version.ts'
import type { DemoShift } from '../../laws/demo-shift.ts'
import { at } from '../../laws/demo-shift.ts'
import type { DemoPlace, Pos } from './pos.ts'
import { showDone, showMail, showSection } from './screen.ts'
import type { Shop } from './shop.ts'
import { until } from './until.ts'

type Stage = {
  readonly place: DemoPlace
  readonly technician: { fault(device: string, fault: string): Promise<unknown> }
  readonly ready: () => Promise<void>
}

type Warned = { code: string; severity: 'warning' | 'alarm'; message: string; remedy: string; device?: string }

/** Pulls the unit for a moment, and shows the mail that a shop with `alerts` gets after ten minutes. */
export async function showOwnerMail(
  { device: { id } }: DemoShift,
  stage: Stage,
  office: Pos,
  shop: Shop,
): Promise<void> {
  const { technician, place, ready } = stage
  showSection('The unit is pulled')
  await technician.fault(id, 'unplugged@*')
  const warning = await until(async () => {
    const { warnings } = (await office.get('/readyz')) as unknown as { warnings: readonly Warned[] }
    return warnings.find(({ device }) => device === id)
  }, 'the pulled device is not reported')
  await technician.fault(id, 'clear')
  await ready()
  const { severity, message, remedy } = warning
  const nowMs = systemClock.now()
  const owner = { merchant: at(shop.merchant, 'legal_name'), location: null }
  const about = { id: 'alr_demo', rule: 'devices', severity, sinceMs: nowMs, subject: { device: id }, name: id }
  const alert = { ...about, type: 'alert.raised', message, remedy, shop: owner } as const
  const { subject, text } = mailText(
    { id: 'alr_demo', type: 'alert.raised', atMs: nowMs, shop: owner, open: 1, alerts: [alert] },
    { language: 'en', pageUrl: place.url, agent: { id: '', version: packageVersion() }, isTrial: true },
  )
  showMail([subject, '', ...text.trimEnd().split('\n')])
  showDone('Mail', 'would leave after ten minutes (docs/alerts.md)')
}
