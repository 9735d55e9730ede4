import type { Task } from '../duty.ts'
import type { InParts } from '../law.ts'
import { DUTY_KINDS } from './duty-kinds.ts'
import type { LinkDuty, LinkReader } from './terminal-links.ts'
import { linkDuties } from './terminal-links.ts'

/** For each link of a payment terminal and a printer, and each end of one. */
export function* linkTasks(view: LinkReader): InParts<Task> {
  for (const duty of linkDuties(view)) yield duty && taskOf(view, duty)
}

function taskOf(view: LinkReader, duty: LinkDuty): Task {
  const { id, what, serial, register, window } = duty
  const name = nameOf(duty)
  const title = what === 'link' ? `Link ${name} with printer ${serial}` : `Unlink ${name} from printer ${serial}`
  return {
    id,
    ...(what === 'link' ? DUTY_KINDS.posLink : DUTY_KINDS.posUnlink),
    title,
    not_before: window.from,
    due: window.to,
    register_id: register,
    instructions: instructionsOf(view, duty),
  }
}

const EXCLUDED =
  'A terminal that was excluded there by mistake does not come back: enter it by hand, with the id and the acquirer above.'

function nameOf({ terminal: { kind, tid, acquirer } }: LinkDuty): string {
  return kind === 'virtual' ? `the virtual terminal of ${acquirer.name}` : `terminal ${tid}`
}

function instructionsOf(view: LinkReader, duty: LinkDuty): string[] {
  const { what, serial, day, terminal, location, window } = duty
  const { acquirer, holder, holder_name: name } = terminal
  const { line1 = '', postal_code: code = '', city = '' } = view.location(location)?.shown.address ?? {}
  const event = what === 'link' ? `from ${day} on` : `until ${day}`
  const steps =
    what === 'link'
      ? [
          ...(holder === 'own'
            ? []
            : [
                `The contract is that of ${name ?? 'the franchisor'}; the portal does not propose it: key the terminal in.`,
              ]),
          `Choose printer ${serial} for it. "Ceased" and "not mine" are final there: choose neither for a terminal in use.`,
        ]
      : [`End its link with printer ${serial}. "Ceased" is final there: only for a terminal that no one uses again.`]
  return [
    `It takes money for the printer ${event}: ${nameOf(duty)}, acquirer ${acquirer.name} (${acquirer.tax_number}), ${line1}, ${code} ${city}.`,
    `From ${window.from} to ${window.to}: open Fatture e Corrispettivi, "Collegamento dispositivi - POS", "Gestione collegamenti".`,
    ...steps,
    EXCLUDED,
    'Then confirm this duty.',
  ]
}
