import type { LineSettings } from './line-catalog.ts'
import { makeLink } from './line-catalog.ts'
import type { Clock } from './ports/clock.ts'
import type { FiscalPrinter } from './ports/fiscal-printer.ts'
import type { QueueLoad } from './ports/tse.ts'

type Timeouts = { ackMs: number; replyMs: number; printMs: number; longMs: number; gapMs: number }
type Common = { id: string; departments: Readonly<Record<string, number>>; timeouts: Timeouts }
/** Only what the shop overrides; `undefined` is what it does not say. */
type Overrides = { readonly [name: string]: unknown }
type RchSettings = Common & LineSettings & { driver: 'rt-rch'; profile?: Overrides | undefined }
type CustomSettings = Common & LineSettings & { driver: 'rt-custom'; profile?: Overrides | undefined }
type EpsonSettings = Common & { driver: 'rt-epson'; http: { host: string; port: number } }
type SimulatorSettings = Common & { driver: 'rt-simulator'; latencyMs: number }
export type PrinterSettings = RchSettings | CustomSettings | EpsonSettings | SimulatorSettings

type PrinterContext = { clock: Clock; directoryOf: (deviceId: string) => string }

type OpenedPrinter = {
  id: string
  driver: string
  unit: FiscalPrinter
  load(): QueueLoad
  inject?: (fault: string) => void
  clearFaults?: () => void
}

/** Makes the driver of a fiscal printer; connects nothing. */
export async function makePrinter(settings: PrinterSettings, context: PrinterContext): Promise<OpenedPrinter> {
  const { id, driver } = settings
  if (settings.driver === 'rt-simulator') return makeSimulated(settings, context)
  const unit = await makeUnit(settings, context)
  return { id, driver, unit, load: () => unit.load() }
}

async function makeUnit(
  settings: Exclude<PrinterSettings, SimulatorSettings>,
  { clock }: PrinterContext,
): Promise<FiscalPrinter & { load(): QueueLoad }> {
  const { departments, timeouts } = settings
  switch (settings.driver) {
    case 'rt-rch': {
      const { RchPrinter } = await import('./rt-rch/driver.ts')
      const link = await makeLink(settings, {}, clock)
      return new RchPrinter({ link, clock, departments, timeouts, profile: said(settings.profile) })
    }
    case 'rt-custom': {
      const { CustomPrinter } = await import('./rt-custom/driver.ts')
      const link = await makeLink(settings, { dataBits: 7, parity: 'odd' }, clock)
      return new CustomPrinter({ link, clock, departments, timeouts, profile: said(settings.profile) })
    }
    case 'rt-epson': {
      const { EpsonPrinter } = await import('./rt-epson/driver.ts')
      return new EpsonPrinter({ ...settings.http, clock, departments, timeouts })
    }
  }
}

async function makeSimulated(settings: SimulatorSettings, context: PrinterContext): Promise<OpenedPrinter> {
  const { EmbeddedRchPrinter } = await import('./rt-rch/embedded.ts')
  const { id, driver, departments, timeouts, latencyMs } = settings
  const directory = context.directoryOf(id)
  const unit = new EmbeddedRchPrinter({ directory, clock: context.clock, departments, timeouts, printMs: latencyMs })
  return {
    id,
    driver,
    unit,
    load: () => unit.load(),
    inject: (fault) => unit.inject(fault),
    clearFaults: () => unit.clearFaults(),
  }
}

/** Without the members that the configuration leaves out: they are no overrides. */
function said(profile: Overrides = {}): Overrides {
  return Object.fromEntries(Object.entries(profile).filter(([, value]) => value !== undefined))
}
