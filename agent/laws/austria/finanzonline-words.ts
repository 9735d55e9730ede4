import type { OutageGround } from '../../contract/duty-ground.ts'
import type { Instruction } from '../instruction.ts'
import { instruction, verbatim } from '../instruction.ts'

/** `entry`: the words of the menu of FinanzOnline. */
export function menu(entry: string): Instruction {
  return verbatim(`FinanzOnline, Eingaben, Registrierkassen, ${entry}.`)
}

export function cashBox(id: string): Instruction {
  return verbatim(`Kassenidentifikationsnummer: ${id}.`)
}

export function unitNumber(serial: string): Instruction {
  return verbatim(`Seriennummer des Signaturzertifikats: ${serial}.`)
}

export function unitNumbers(vda: string, serial: string): Instruction {
  return verbatim(`Vertrauensdiensteanbieter: ${vda}. Seriennummer des Signaturzertifikats (hexadezimal): ${serial}.`)
}

export function codeCheck(code: string): Instruction[] {
  return [
    instruction(
      'Scan this code with the app BMF Belegcheck or type it in at FinanzOnline, and keep the result 7 years:',
    ),
    verbatim(code),
  ]
}

export const REASON_TEXTS: Readonly<Record<OutageGround, Instruction>> = {
  theft: instruction('Begründung: theft or loss.'),
  defective: instruction('Begründung: defective.'),
  other: instruction('Begründung: another one.'),
}
