import { MACHINE_TASK } from '../../journal/known-machine.ts'
import type { MachineMarks } from '../../journal/machine-marks.ts'
import type { Task } from '../../laws/duty.ts'
import { AGENT_KINDS } from '../../laws/duty-kind.ts'
import { instruction } from '../../laws/instruction.ts'

/** `known.seq`: the event that names the machine of the journal; `present`: the marks of this one. */
type MachineChange = { readonly known: { readonly seq: number }; readonly present: MachineMarks }

/** On another machine than the one of the journal: a person knows whether this is the shop's machine or a copy. */
export function machineTasks(change: MachineChange | undefined, today: string): Task[] {
  if (change === undefined) return []
  const { known, present } = change
  const id = machineTaskOf(known)
  return [
    {
      id,
      ...AGENT_KINDS.machine,
      title: "Is this the shop's machine? The journal belongs to another one",
      due: today,
      instructions: [
        instruction(
          'If it is, after a new machine or a new installation: fiskal-edge duty confirm {} --reason TEXT. From then on the journal belongs to this machine.',
          id,
        ),
        instruction(
          'If the journal was copied here (an image, a copied disk) and the shop sells on another machine: stop the agent (systemctl stop fiskal-edge) and move the state directory away (mv). The next start begins a new journal.',
        ),
        instruction('Units with PINs that this agent made stay usable only with that directory: keep it.'),
        instruction(
          'A move is made with fiskal-edge backup FILE --final and fiskal-edge restore FILE: then nothing is asked.',
        ),
      ],
      facts: { machine: present },
    },
  ]
}

export function machineTaskOf({ seq }: MachineChange['known']): string {
  return `${MACHINE_TASK}${seq}`
}
