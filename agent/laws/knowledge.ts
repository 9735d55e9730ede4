import type { Knowledge } from '../journal/later-work.ts'
import { unknownMember } from '../journal/later-work.ts'
import type { Law } from './law.ts'

/** The names of the laws and of the contract; loaded only for a journal to which a newer program wrote. */
export async function knowledgeOf(laws: readonly Law<never>[]): Promise<Knowledge> {
  const [{ contractOf }, { operation }, { register }, { closing }, { drawerOpening }, { unknownWord }] =
    await Promise.all([
      import('../contract/contract-of.ts'),
      import('../contract/operation.ts'),
      import('../contract/register.ts'),
      import('../contract/closing.ts'),
      import('../contract/drawer-opening.ts'),
      import('../contract/unknown-word.ts'),
    ])
  const contract = contractOf(laws)
  const shapes = { operation, register, closing, drawer_opening: drawerOpening }
  const wordsOf = (name: string | undefined) => laws.find((law) => law.name === name)?.words
  return {
    unknownInAct: (law, act) => {
      const { acts } = wordsOf(law) ?? {}
      if (acts === undefined) return `law "${law}"`
      const members = Object.hasOwn(acts, act.name) ? acts[act.name] : undefined
      return members === undefined ? `act "${act.name}"` : unknownMember(act, members)
    },
    unknownInDocument: ({ kind, parts, law }) => {
      const words = law && wordsOf(law.name)
      if (law !== undefined && words === undefined) return `law "${law.name}"`
      const state = words && unknownMember(parts.law, words.state)
      const shape = Object.hasOwn(shapes, kind) ? shapes[kind as keyof typeof shapes] : shapes.operation
      const word = unknownWord(contract.of(shape), parts.shown)
      return state ?? (word === undefined ? undefined : `member "${word}"`)
    },
  }
}
