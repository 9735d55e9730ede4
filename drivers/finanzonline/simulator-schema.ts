import type { XmlElement } from '../../base/xml.ts'

/** The schema of the services, as strict as theirs: order, patterns and cardinality. */
export type Rule = {
  readonly name: string
  /** The pattern of its text, or the elements in it. */
  readonly form: RegExp | readonly Rule[] | Choice
  readonly isOptional?: boolean
  /** Must have `hex="true"`. */
  readonly isHex?: boolean
}

/** Exactly one of these sequences. */
export type Choice = { readonly oneOf: readonly (readonly Rule[])[] }

export const SESSION_NAMESPACE = 'https://finanzonline.bmf.gv.at/fon/ws/session'
export const RKDB_NAMESPACE = 'https://finanzonline.bmf.gv.at/rkdb'

const participant: Rule = { name: 'tid', form: /^[0-9A-Za-z]{8,12}$/ }
/** A login takes any characters, every later request letters and digits alone. */
const user: Rule = { name: 'benid', form: /^[0-9A-Za-z]{5,12}$/ }
const session: Rule = { name: 'id', form: /^[0-9A-Za-z]{10,24}$/ }

export const LOGIN: readonly Rule[] = [
  participant,
  { ...user, form: /^[^\n]{5,12}$/ },
  { name: 'pin', form: /^[^\n]{5,128}$/ },
  { name: 'herstellerid', form: /^[0-9A-Za-z]{10,24}$/ },
]
export const LOGOUT: readonly Rule[] = [participant, user, session]

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$/
const head: readonly Rule[] = [
  { name: 'paket_nr', form: /^[1-9]\d{0,8}$/ },
  { name: 'ts_erstellung', form: TIME },
]
const number: Rule = { name: 'satznr', form: /^[1-9]\d{0,5}$/ }
const serial: Rule = { name: 'zertifikatsseriennummer', form: /^[0-9A-Fa-f]{1,50}$/, isHex: true }
const cashBox: Rule = { name: 'kassenidentifikationsnummer', form: /^[^\n]{1,50}$/ }
const entry: readonly Rule[] = [number, { name: 'kundeninfo', form: /^[^\n]{1,50}$/, isOptional: true }]
const begin: Rule = { name: 'beginn_ausfall', form: TIME }

function outage(subject: Rule): Choice {
  const reason = (pattern: RegExp): Rule => ({ name: 'begruendung', form: pattern })
  return {
    oneOf: [
      [...entry, subject, { name: 'ausfall', form: [reason(/^(1|2|5|99)$/), begin] }],
      [...entry, subject, { name: 'ausserbetriebnahme', form: [reason(/^[67]$/)] }],
    ],
  }
}

const kinds = ['SIGNATURKARTE', 'EIGENES_HSM', 'HSM_DIENSTLEISTER'].join('|')
const unit: readonly Rule[] = [
  ...entry,
  { name: 'art_se', form: new RegExp(`^(${kinds})$`) },
  { name: 'vda_id', form: /^[A-Z]{2}[1-9][0-9]?$/ },
]
const ENTRIES: readonly Rule[] = [
  {
    name: 'registrierung_se',
    form: {
      oneOf: [
        [...unit, serial],
        [...unit, { name: 'zertifikat', form: /^[0-9A-Za-z+/]{100,}={0,2}$/ }],
      ],
    },
  },
  {
    name: 'registrierung_kasse',
    form: [
      ...entry,
      cashBox,
      { name: 'anmerkung', form: /^[^\n]{1,250}$/, isOptional: true },
      { name: 'benutzerschluessel', form: /^[0-9a-zA-Z+/=]{44}$/ },
    ],
  },
  { name: 'ausfall_se', form: outage(serial) },
  { name: 'ausfall_kasse', form: outage(cashBox) },
  { name: 'wiederinbetriebnahme_se', form: [...entry, serial, { name: 'ende_ausfall', form: TIME }] },
  { name: 'wiederinbetriebnahme_kasse', form: [...entry, cashBox, { name: 'ende_ausfall', form: TIME }] },
  { name: 'belegpruefung', form: [...entry, { name: 'beleg', form: /^(?=[\s\S]{100,1000}$)(_[^_]+){13}$/ }] },
]

const service: readonly Rule[] = [participant, user, session, { name: 'art_uebermittlung', form: /^[TP]$/ }]
export const RKDB: Choice = {
  oneOf: [
    [...service, { name: 'status_kasse', form: [...head, number, cashBox] }],
    [...service, { name: 'status_see', form: [...head, number, serial] }],
    ...ENTRIES.map((rule): readonly Rule[] => [...service, { name: 'rkdb', form: [...head, rule] }]),
  ],
}

const QUESTIONS = ['status_kasse', 'status_see']

/** The names of all requests. */
export const OPERATIONS: readonly string[] = ['login', 'logout', ...QUESTIONS, ...ENTRIES.map(({ name }) => name)]

/** The first mistake, in the words of a validating parser; undefined for a valid request. */
export function invalidity(request: XmlElement, form: Rule['form'], namespace: string): string | undefined {
  return wrongIn(request, form, namespace)?.what
}

/** `at`: how many elements are right before it. */
type Wrong = { at: number; what: string }

function wrongIn(element: XmlElement, form: Rule['form'], namespace: string): Wrong | undefined {
  const what = wrongItself(element, form, namespace)
  if (what !== undefined) return { at: 0, what }
  if (form instanceof RegExp) return undefined
  const sequences = 'oneOf' in form ? form.oneOf : [form]
  const wrong = sequences.map((sequence) => wrongInSequence(element, sequence, namespace))
  if (wrong.includes(undefined)) return undefined
  // The sequence that came farthest says most.
  return wrong.flatMap((each) => each ?? []).sort((a, b) => b.at - a.at)[0]
}

function wrongItself(
  { name, text, ...element }: XmlElement,
  form: Rule['form'],
  namespace: string,
): string | undefined {
  if (element.namespace !== namespace) return `cvc-elt.1: Cannot find the declaration of element '${name}'.`
  if (form instanceof RegExp) {
    if (element.children.length > 0) return `cvc-type.3.1.2: Element '${name}' is a simple type.`
    if (form.test(text)) return undefined
    return `cvc-pattern-valid: Value '${text}' is not facet-valid with respect to the pattern of '${name}'.`
  }
  return text.trim() === '' ? undefined : `cvc-complex-type.2.3: Element '${name}' cannot have text.`
}

function wrongInSequence(element: XmlElement, sequence: readonly Rule[], namespace: string): Wrong | undefined {
  const children = [...element.children]
  let at = 0
  for (const rule of sequence) {
    const child = children[0]
    if (child?.name !== rule.name) {
      if (rule.isOptional === true) continue
      return { at, what: unexpected(child?.name ?? `end of ${element.name}`, rule.name) }
    }
    children.shift()
    at += 1
    if (rule.isHex === true && child.attributes.get('hex') !== 'true')
      return { at, what: `cvc-complex-type.4: Attribute 'hex' must appear on element '${rule.name}'.` }
    const inside = wrongIn(child, rule.form, namespace)
    if (inside !== undefined) return { at: at + inside.at, what: inside.what }
  }
  const [extra] = children
  return extra && { at, what: unexpected(extra.name, `end of ${element.name}`) }
}

function unexpected(found: string, expected: string): string {
  return `cvc-complex-type.2.4.a: Invalid content was found starting with element '${found}'. One of '{${expected}}' is expected.`
}
