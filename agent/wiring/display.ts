import type { Clock } from '../../base/clock.ts'
import type { Config } from '../config/config.ts'
import { FiskalError } from '../errors.ts'
import { isDecommissioned, registerIds } from '../journal/documents/registers.ts'
import type { Journal } from '../journal/journal.ts'
import type { LoopSlots } from '../process/loop-slots.ts'
import { DisplayTokens } from '../state/display-tokens.ts'
import type { StateDirectory } from '../state/state-directory.ts'
import type { Administration } from '../till/administration.ts'
import type { Application } from '../till/application.ts'
import type { TillParts } from '../till/parts.ts'
import { DisplayAddresses } from '../till/reading/display-addresses.ts'
import { Displays } from '../till/reading/displays.ts'
import type { Closers } from './stop-order.ts'

type DisplayParts = Pick<TillParts, 'devices' | 'journal' | 'laws' | 'receiptLaws'> & {
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
  const holdMs = digitalReceipt.holdSeconds * 1000
  const displays = new Displays({ ...parts, addresses, holdMs, isBusy: () => slots.isBusy })
  const ignore = journal.onAppend((head, events) => displays.note(head, events))
  closers.add('keepers', () => {
    ignore()
    displays.stop()
  })
  return {
    display: displays.asDisplay(),
    desk: {
      display: async (register, renew) => {
        const id = registerCalled(view, register)
        if (renew) addresses.renew(id)
        return { register_id: id, url: `${await url()}${addresses.of(id)}` }
      },
    },
  }
}

/** A register by its id, or by the name that one alone has. */
function registerCalled(view: Journal['view'], word: string): string {
  if (view.register(word) === undefined) return registerNamed(view, word)
  if (isDecommissioned(view, word))
    throw new FiskalError('register_decommissioned', `Register ${word} is decommissioned: it has no display.`, {
      register_id: word,
    })
  return word
}

function registerNamed(view: Journal['view'], name: string): string {
  const named = registerIds(view).filter((id) => view.register(id)?.shown.name === name && !isDecommissioned(view, id))
  const [id, ...others] = named
  if (id !== undefined && others.length === 0) return id
  const message =
    id === undefined
      ? `There is no register ${name}: give its name or its id (reg_…).`
      : `Several registers are named ${name}: give the id of one: ${named.join(', ')}.`
  throw new FiskalError('not_found', message, { resource: 'register', id: name })
}
