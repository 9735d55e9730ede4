import type { LineSettings } from './line-catalog.ts'
import { makeLink } from './line-catalog.ts'
import type { DriverContext } from './opened-device.ts'
import { opened, simulated } from './opened-device.ts'
import type { OpenedDevice } from './ports/device.ts'
import type { FiscalPrinter } from './ports/fiscal-printer.ts'
import type { Plug } from './ports/plug.ts'
import type { QueueLoad } from './ports/queue-load.ts'

type AnswerTimeouts = { replyMs: number; printMs: number; longMs: number }
type LineTimeouts = AnswerTimeouts & { ackMs: number }
type RchTimeouts = LineTimeouts & { gapMs: number }
type Common<Timeouts> = { id: string; departments: Readonly<Record<string, number>>; timeouts: Timeouts }
/** Overrides from the configuration; `undefined` means not set. */
type Overrides = { readonly [name: string]: unknown }
type RchSettings = Common<RchTimeouts> & LineSettings & { driver: 'rt-rch'; profile?: Overrides | undefined }
type CustomSettings = Common<LineTimeouts> & LineSettings & { driver: 'rt-custom'; profile?: Overrides | undefined }
type EpsonSettings = Common<AnswerTimeouts> & { driver: 'rt-epson'; http: { host: string; port: number } }
type SimulatorSettings = Common<RchTimeouts> & { driver: 'rt-simulator'; latencyMs: number }
export type PrinterSettings = RchSettings | CustomSettings | EpsonSettings | SimulatorSettings

/** Makes the driver of a fiscal printer without connecting it. */
export async function makePrinter(
  settings: PrinterSettings,
  context: DriverContext,
): Promise<OpenedDevice<FiscalPrinter>> {
  if (settings.driver === 'rt-simulator') return makeSimulated(settings, context)
  const { unit, plug } = await makeUnit(settings, context)
  return opened(settings, unit, plug)
}

async function makeUnit(
  settings: Exclude<PrinterSettings, SimulatorSettings>,
  { clock }: DriverContext,
): Promise<{ unit: FiscalPrinter & { load(): QueueLoad }; plug?: Plug }> {
  const { departments } = settings
  switch (settings.driver) {
    case 'rt-rch': {
      const { RchPrinter } = await import('./rt-rch/driver.ts')
      const link = await makeLink(settings, {}, clock)
      const { timeouts } = settings
      const profile = said(settings.profile)
      return { unit: new RchPrinter({ link, clock, departments, timeouts, profile }), plug: link }
    }
    case 'rt-custom': {
      const { CustomPrinter } = await import('./rt-custom/driver.ts')
      const link = await makeLink(settings, { dataBits: 7, parity: 'odd' }, clock)
      const { timeouts } = settings
      const profile = said(settings.profile)
      return { unit: new CustomPrinter({ link, clock, departments, timeouts, profile }), plug: link }
    }
    case 'rt-epson': {
      const { EpsonPrinter } = await import('./rt-epson/driver.ts')
      // Each request opens a connection: only the next one shows that it was unplugged.
      return { unit: new EpsonPrinter({ ...settings.http, clock, departments, timeouts: settings.timeouts }) }
    }
  }
}

async function makeSimulated(
  settings: SimulatorSettings,
  context: DriverContext,
): Promise<OpenedDevice<FiscalPrinter>> {
  const { EmbeddedRchPrinter } = await import('./rt-rch/embedded.ts')
  const { id, departments, timeouts, latencyMs } = settings
  const directory = context.directoryOf(id)
  const unit = new EmbeddedRchPrinter({ directory, clock: context.clock, departments, timeouts, printMs: latencyMs })
  return simulated(settings, unit)
}

/** Without members that the configuration omits, which are not overrides. */
function said(profile: Overrides = {}): Overrides {
  return Object.fromEntries(Object.entries(profile).filter(([, value]) => value !== undefined))
}
