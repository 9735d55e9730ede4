import type { Json } from '../../base/canonical.ts'
import type { DeviceSupervisor } from '../devices/supervisor.ts'
import type { Act, NewEvent } from '../journal/events.ts'
import type { View } from '../journal/projections/view.ts'

/** `withOtherPrinter`: although another one of the place works. `calledAt`: RFC 3339. */
export type AskedEmergency = {
  readonly reason: string
  readonly calledAt?: string | undefined
  readonly withOtherPrinter?: boolean | undefined
}

/** Events of a commit, and what they did. */
type Changed = { readonly events: readonly NewEvent[]; readonly shown: { readonly [member: string]: Json } }

/** The register of a shop whose fiscal memory is down for good. */
export type Emergencies = {
  /** All of a device, the oldest first; also of the printers that it had before. */
  list(device: string): readonly Json[]
  /** The sheets of a device for the books, one for each emergency and day: of all days, or of that one. */
  sheets(device: string, date?: string): Promise<readonly Json[]>
  /** True for an act of which only a person can say what became of it: a fiscal document may be on paper. */
  isUndecided(act: Act): boolean
  /** Called in a commit. Throws `unprocessable_entity` if the law allows no register now. */
  opened(view: View, device: DeviceSupervisor, asked: AskedEmergency): Changed
  /** The documents of the printer that the journal does not have, to be given to `closed`. Throws FiskalError. */
  printedMeanwhile(device: DeviceSupervisor): Promise<readonly NewEvent[]>
  /** Called in a commit. `printed` is missing if the printer never returns. Throws `unprocessable_entity` if none is open. */
  closed(view: View, device: string, printed?: readonly NewEvent[]): Changed
  /** Another printer replaces the one with that serial number. */
  replaced(view: View, serial: string, at: string): readonly NewEvent[]
  /** Throws `emergency_open` while the register of a device is open: nothing is printed. */
  refuseOpen(device: string): void
}
