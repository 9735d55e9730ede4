import type { OutsideAct, SoldCart, TenderedAmount, UnsoldAct } from '../../journal/books/unsold-acts.ts'
import type { Act, Members } from '../../journal/events.ts'
import type { UnsoldWords } from '../../laws/audit-rules.ts'
import { LAWS } from '../../laws/laws.ts'
import type { Installation } from './procedure.ts'
import { CHAPTER_TEXTS } from './unsold-texts.ts'

type Registers = Pick<Installation, 'registers'>

const LAW_WORDS = new Map(
  LAWS.flatMap(({ name, audit }) => (audit === undefined ? [] : [[name as string, audit.unsold]])),
)
/** A register of no law, and ONLINE, have the words of the first law. */
const [FIRST] = LAW_WORDS.values()

/** As a printer numbers its documents. */
const PRINTED = /^\d{4}-\d{4}$/

/** True if no other register has its name. */
export function hasOwnName({ registers }: Registers, register: string): boolean {
  const name = registers.find(({ id }) => id === register)?.name
  return registers.filter((each) => each.name === name).length === 1
}

/** The name of a register if no other one has it, else its id. */
export function shortName(installation: Registers): (register: string) => string {
  return (id) =>
    hasOwnName(installation, id) ? (installation.registers.find((each) => each.id === id)?.name ?? id) : id
}

/** The words of a register's law. */
export function wordsOf({ registers }: Registers, register: string): UnsoldWords {
  const own = registers.find(({ id }) => id === register)?.fiscalization?.regime
  return LAW_WORDS.get(own ?? '') ?? mainWords({ registers })
}

/** The word for numbered acts of a register: the slips of a printer are among them. */
export function numberedOf({ receipt, numbers, language }: UnsoldWords): UnsoldWords['receipt'] {
  return numbers === 'register' ? receipt : CHAPTER_TEXTS[language].operation
}

/** The number of an act, and the Z of its session, if its law has them. */
export function placeOf(
  { bon, session = '' }: UnsoldAct,
  { numbers, hasSessionZ }: UnsoldWords,
  zOf: ReadonlyMap<string, number>,
): { readonly bon: string; readonly z: number | undefined } {
  const isNumber = numbers === 'register' || PRINTED.test(bon)
  return { bon: isNumber ? bon : '', z: hasSessionZ ? zOf.get(session) : undefined }
}

/** The payments that pay nothing, by the law whose act it is. */
export function tenderedIn(act: Act): readonly TenderedAmount[] {
  for (const words of LAW_WORDS.values()) {
    const tendered = words.tendered?.(act) ?? []
    if (tendered.length > 0) return tendered
  }
  return []
}

/** The act outside of the documents of a law that the information of an operation names. */
export function outsideIn(information: Members): OutsideAct | undefined {
  for (const words of LAW_WORDS.values()) {
    const outside = words.outside?.(information)
    if (outside !== undefined) return outside
  }
  return undefined
}

/** The turnover of an operation, as the books of its law count it. */
export function turnoverOfLaw(law: string, cart: SoldCart, total: bigint): bigint {
  return LAW_WORDS.get(law)?.turnover(cart, total) ?? total
}

/** The words of the shop's laws if all of its registers have the same one; else those of the first law. */
export function mainWords({ registers }: Registers): UnsoldWords {
  const regimes = new Set(registers.flatMap(({ fiscalization }) => fiscalization?.regime ?? []))
  const [only] = regimes.size === 1 ? regimes : []
  const words = LAW_WORDS.get(only ?? '') ?? FIRST
  if (words === undefined) throw new Error('no law has words for a report')
  return words
}

type LawWords = { readonly name: string; readonly words: UnsoldWords }

/** The words of the laws of the registers; of a shop without registers those of its report. */
export function lawsIn(installation: Registers): LawWords[] {
  const regimes = new Set(installation.registers.map(({ fiscalization }) => fiscalization?.regime))
  const laws = LAWS.flatMap(({ name, audit }) => (audit === undefined ? [] : [{ name, words: audit.unsold }]))
  const own = laws.filter(({ name }) => regimes.has(name))
  return own.length > 0 ? own : laws.filter(({ words }) => words === mainWords(installation))
}
