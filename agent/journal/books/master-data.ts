import type { Json } from '../../../base/canonical.ts'
import { membersIn, textIn } from '../checked.ts'
import type { EventBody, Members } from '../events.ts'

const KINDS = ['merchant', 'location', 'register', 'payment_terminal', 'vat_rates'] as const
type Kind = (typeof KINDS)[number]

/** Members that follow from others, or that only the shop reads. */
const LEFT_OUT = /^(id|merchant_id|\w+_at|\w+edAt|metadata|hints|links|fiscalization)(\.|$)/
/** Members by which an item of a list is known. */
const LABELS = ['country_code', 'id', 'key'] as const

type Noted = { readonly seq: number; readonly op: string; readonly atMs: number }
/** A member that an event sets, '' without one. `reason`: why a merchant gets other tax numbers. */
export type MasterDataChange = Noted & { readonly kind: Kind } & {
  readonly [Text in 'name' | 'member' | 'before' | 'after' | 'reason']: string
}

/** Folds the changes of master data from all events of a journal; those that have a reason when they are requested. */
export class MasterData {
  readonly changes: MasterDataChange[] = []
  readonly #documents = new Map<string, { readonly kind: Kind; shown: Members }>()

  note(noted: Noted, { index, set, own, session, facts }: EventBody): void {
    const { vat_rates } = membersIn(session?.own?.books) ?? {}
    if (vat_rates !== undefined) this.#set({ ...noted, op: 'vat_rates' }, 'vat_rates', { vat_rates })
    const kind = KINDS.find((each) => each === index?.kind) ?? this.#documents.get(noted.op)?.kind
    const { reason } = membersIn(facts) ?? {}
    const asked = kind === 'merchant' && reason !== undefined ? { ...own?.pending?.shown, ...set } : set
    if (kind !== undefined && asked !== undefined) this.#set(noted, kind, asked, textIn(reason))
  }

  #set(noted: Noted, kind: Kind, set: Members, reason = ''): void {
    const document = this.#documents.get(noted.op) ?? { kind, shown: {} }
    this.#documents.set(noted.op, document)
    const former = document.shown
    document.shown = { ...former, ...set }
    const { legal_name, name = legal_name, tid = name } = document.shown
    const [before, after] = [new Map(leavesOf('', former)), new Map(leavesOf('', document.shown))]
    for (const member of new Set([...before.keys(), ...after.keys()])) {
      const values = { before: before.get(member) ?? '', after: after.get(member) ?? '' }
      if (values.before === values.after || LEFT_OUT.test(member)) continue
      const why = member.startsWith('fiscal_identities.') ? reason : ''
      this.changes.push({ ...noted, kind, name: textIn(tid) ?? '', member, ...values, reason: why })
    }
  }
}

/** `address.city` and its text; an item of a list has the name of its label. */
function leavesOf(path: string, value: Json | undefined): [member: string, text: string][] {
  if (value == null) return []
  if (typeof value !== 'object') return [[path, String(value)]]
  return Object.entries(value).flatMap(([key, each]) => {
    const members = Array.isArray(value) ? membersIn(each) : undefined
    const label = LABELS.find((one) => members?.[one] !== undefined)
    const { [label ?? '']: known = key, ...rest } = members ?? {}
    const name = String(known)
    return leavesOf(path === '' ? name : `${path}.${name}`, label === undefined ? each : (rest as Json))
  })
}
