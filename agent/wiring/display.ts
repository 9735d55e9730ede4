import type { Clock } from '../../base/clock.ts'
import type { Config } from '../config/config.ts'
import { FiskalError } from '../errors.ts'
import { isDecommissioned } from '../journal/documents/registers.ts'
import type { Journal } from '../journal/journal.ts'
import { notFound } from '../journal/not-found.ts'
import type { LoopSlots } from '../process/loop-slots.ts'
import { DisplayTokens } from '../state/display-tokens.ts'
import type { StateDirectory } from '../state/state-directory.ts'
import type { Administration } from '../till/administration.ts'
import type { Application } from '../till/application.ts'
import type { TillParts } from '../till/parts.ts'
import { DisplayAddresses } from '../till/reading/display-addresses.ts'
import { Displays } from '../till/reading/displays.ts'
import type { Closers } from './stop-order.ts'

type DisplayParts = Pick<TillParts, 'journal' | 'laws' | 'receiptLaws'> & {
  state: StateDirectory
  slots: LoopSlots
  clock: Clock
  onError: (error: unknown) => void
  /** The address of the agent. */
  url: () => Promise<string>
}

export type DisplayAccess = { display: Application['display']; desk: Pick<Administration, 'display'> }

/** No display is configured: each address is a wrong one, and no sale is looked at. */
const OFF: DisplayAccess = {
  display: { page: () => undefined, now: () => undefined, fetched: () => undefined },
  desk: {
    display: async () => {
      throw new FiskalError(
        'unprocessable_entity',
        'No display is configured: add "digitalReceipt": { "show": ["display"] } to agent.json, and restart the agent.',
        { reason: 'display_off' },
      )
    },
  },
}

/** The customer's displays of all registers. */
export function displayAccess({ digitalReceipt }: Config, parts: DisplayParts, closers: Closers): DisplayAccess {
  if (digitalReceipt?.show.includes('display') !== true) return OFF
  const { journal, state, slots, url } = parts
  const { view } = journal
  const addresses = new DisplayAddresses(view, new DisplayTokens(state))
  const displays = new Displays({ ...parts, addresses, isBusy: () => slots.isBusy })
  const ignore = journal.onAppend((head, events) => displays.note(head, events))
  closers.add('keepers', () => {
    ignore()
    displays.stop()
  })
  return {
    display: displays.asDisplay(),
    desk: {
      display: async (id, renew) => {
        refuseNoRegister(view, id)
        if (renew) addresses.renew(id)
        return { register_id: id, url: `${await url()}${addresses.of(id)}` }
      },
    },
  }
}

function refuseNoRegister(view: Journal['view'], id: string): void {
  if (view.register(id) === undefined) throw notFound('register', id)
  if (isDecommissioned(view, id))
    throw new FiskalError('register_decommissioned', `Register ${id} is decommissioned: it has no display.`, {
      register_id: id,
    })
}
