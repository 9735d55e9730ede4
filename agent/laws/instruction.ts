import type { InstructionForm } from '../texts/duty-instructions.ts'

declare const english: unique symbol

/** A sentence of a duty in English. Its row gives it in the language of the shop. */
export type Instruction = string & { readonly [english]: true }

type Facts<Form extends string> = Form extends `${string}{}${infer Rest}` ? [string | number, ...Facts<Rest>] : []

/** A fact that another language writes otherwise has a row as well. A command with a date in it is one fact. */
export function instruction<Form extends InstructionForm>(form: Form, ...facts: Facts<Form>): Instruction {
  const left: (string | number)[] = [...facts]
  return form.replaceAll('{}', () => String(left.shift())) as Instruction
}

/** Codes, menus of an office, sums and the words of others: the same in each language. */
export function verbatim(words: string): Instruction {
  return words as Instruction
}
