import type { Task } from '../duty.ts'
import type { Instruction } from '../instruction.ts'
import { instruction } from '../instruction.ts'
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

const EXCLUDED = instruction(
  'A terminal that was excluded there by mistake does not come back: enter it by hand, with the id and the acquirer above.',
)

function nameOf({ terminal: { kind, tid, acquirer } }: LinkDuty): Instruction {
  return kind === 'virtual'
    ? instruction('the virtual terminal of {}', acquirer.name)
    : instruction('terminal {}', tid ?? '-')
}

function instructionsOf(view: LinkReader, duty: LinkDuty): Instruction[] {
  const { what, serial, day, terminal, location, window } = duty
  const { acquirer, holder, holder_name: name } = terminal
  const { line1 = '', postal_code: code = '', city = '' } = view.location(location)?.shown.address ?? {}
  const steps =
    what === 'link'
      ? [
          ...(holder === 'own'
            ? []
            : [
                instruction(
                  'The contract is that of {}; the portal does not propose it: key the terminal in.',
                  name ?? instruction('the franchisor'),
                ),
              ]),
          instruction(
            'Choose printer {} for it. "Ceased" and "not mine" are final there: choose neither for a terminal in use.',
            serial,
          ),
        ]
      : [
          instruction(
            'End its link with printer {}. "Ceased" is final there: only for a terminal that no one uses again.',
            serial,
          ),
        ]
  return [
    instruction(
      what === 'link'
        ? 'It takes money for the printer from {} on: {}, acquirer {} ({}), {}.'
        : 'It takes money for the printer until {}: {}, acquirer {} ({}), {}.',
      day,
      nameOf(duty),
      acquirer.name,
      acquirer.tax_number,
      `${line1}, ${code} ${city}`,
    ),
    instruction(
      'From {} to {}: open Fatture e Corrispettivi, "Collegamento dispositivi - POS", "Gestione collegamenti".',
      window.from,
      window.to,
    ),
    ...steps,
    EXCLUDED,
    instruction('Then confirm this duty.'),
  ]
}
