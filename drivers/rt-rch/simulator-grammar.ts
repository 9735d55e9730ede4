import { Refusal } from './simulator-refusal.ts'

/** Commands as a simulated printer reads them: `=CODE`, then `/` + key character + value, in any order. */

export type Parameters = Readonly<Record<string, string>>
export type Command = { code: string; digits: string; parameters: Parameters }

/** Throws Refusal EG0002 for a syntax error. */
export function parseCommand(command: string): Command {
  const match = /^=(%[+-]?|V[+-]?|"|[A-Za-z])(\d*)(\/.*)?$/.exec(command)
  const parameters = match && parametersOf(match[3] ?? '')
  if (!match || !parameters || /TOTALE|[()]/.test(parameters['('] ?? '')) throw new Refusal('EG0002')
  return { code: match[1] ?? '', digits: match[2] ?? '', parameters }
}

/** `/` + key character + value, each key once. */
function parametersOf(text: string): Parameters | undefined {
  const parameters: Record<string, string> = {}
  for (const part of text.split('/').slice(1)) {
    const key = part.charAt(0)
    if (!'$*(&[]?!^_@'.includes(key)) return undefined
    if (key === '(' && !part.endsWith(')')) return undefined
    parameters[key] = key === '(' ? part.slice(1, -1) : part.slice(1)
  }
  return parameters
}

/** The key of the printer that `=C0` to `=C5` turn. */
export function keyOf(digit: string): string {
  return 'LRXZPS'.charAt(Number(digit))
}

type Reference = { z: number; number: number; date: string; evidence?: string }

/** `/&DDMMYY/[Z/]N`; `date` `YYYY-MM-DD`. */
export function referenceOf(parameters: Parameters): Reference | undefined {
  const day = /^(\d\d)(\d\d)(\d\d)$/.exec(parameters['&'] ?? '')
  const z = Number(parameters['['] ?? 0)
  const number = Number(parameters[']'] ?? 0)
  return day && z > 0 && number > 0 ? { z, number, date: `20${day[3]}-${day[2]}-${day[1]}` } : undefined
}

/** The form in which a return names evidence: a word, or a serial number that is made up. */
export type EvidenceForm = 'letters' | 'zeros'

/**
 * `/&DDMMYY/[0/]0/(POS)`, `(VR)`, `(ND)`, or its own first five characters and zeros: evidence instead of a document; it
 * cannot be checked. `only`: the form that it takes; default both.
 */
export function evidenceOf(parameters: Parameters, serial: string, only?: EvidenceForm): Reference | undefined {
  const evidence = parameters['('] ?? ''
  const isWord = /^(POS|VR|ND)$/.test(evidence)
  const form = isWord ? 'letters' : evidence === `${serial.slice(0, 5)}000000` ? 'zeros' : undefined
  const isTaken = form !== undefined && (only ?? form) === form
  if (parameters['['] !== '0' || parameters[']'] !== '0' || !isTaken) return undefined
  const named = referenceOf({ ...parameters, '[': '1', ']': '1' })
  return named && { ...named, z: 0, number: 0, evidence }
}
