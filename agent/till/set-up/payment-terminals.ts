import { rfc3339 } from '../../../base/clock.ts'
import type { CreatePaymentTerminal, TerminalLink, UpdatePaymentTerminal } from '../../contract/payment-terminals.ts'
import { FiskalError, unprocessable } from '../../errors.ts'
import type { ShownOf } from '../../journal/documents/document.ts'
import { isDecommissioned } from '../../journal/documents/registers.ts'
import { everyId } from '../../journal/every-id.ts'
import { notFound } from '../../journal/not-found.ts'
import type { View } from '../../journal/projections/view.ts'
import type { UnlinkedTerminal } from '../../laws/terminal-rules.ts'
import { ownedDocument, refuseInactive, requireMerchant } from '../guards.ts'
import { lawOfCountry } from '../laws.ts'
import type { TillParts } from '../parts.ts'
import type { Reads } from '../reading/reads.ts'
import { singleStep } from '../recording/mutations.ts'
import type { Access, Answer, Mutation, Page, PageQuery, Resource } from '../requests.ts'
import { origin } from '../requests.ts'

/** An answer keeps the links of its time; a read has those of now. */
export function paymentTerminalCases(parts: TillParts, read: Reads['paymentTerminals']) {
  const { mutations, newId, clock, journal } = parts
  const now = (shown: Resource): Resource => {
    const terminal = journal.view.paymentTerminal(String(shown['id']))?.shown
    return terminal === undefined ? shown : { ...shown, links: linksOf(parts, journal.view, terminal) }
  }
  return {
    create: (mutation: Mutation, input: CreatePaymentTerminal): Promise<Answer> =>
      mutations.run(mutation, (view) => {
        const merchant = requireMerchant(mutation.merchantId)
        refuseInactive(view, merchant)
        refusePlace(parts, view, merchant, input.location_id)
        refuseRegisters(view, merchant, input.location_id, input.register_ids)
        refuseSecond(view, input)
        const at = rfc3339(clock.now())
        const terminal = newTerminal(newId('trm'), merchant, input, at)
        const set: ShownOf['payment_terminal'] = { ...terminal, links: linksOf(parts, view, terminal, at) }
        const index = { kind: 'payment_terminal' as const, merchant, location: input.location_id }
        return singleStep(
          { kind: 'payment_terminal.created', op: set.id, body: { index, ...origin(mutation), set } },
          201,
        )
      }),
    update: (mutation: Mutation, input: UpdatePaymentTerminal, id: string): Promise<Answer> =>
      mutations.run(mutation, (view) => {
        const document = ownedDocument(view, 'payment_terminal', mutation, id)
        const { shown } = document
        const { register_ids: registers, active_to: last, acquirer } = input
        if (registers !== undefined) refuseRegisters(view, shown.merchant_id, shown.location_id, registers)
        if (typeof last === 'string' && last < shown.active_from)
          throw unprocessable(`active_to ${last} is before active_from ${shown.active_from}.`, '/active_to')
        const at = rfc3339(clock.now())
        const changes = {
          ...(registers !== undefined && { register_ids: registers }),
          ...(last !== undefined && { active_to: last }),
          ...(acquirer !== undefined && { acquirer: { ...shown.acquirer, ...acquirer } }),
          updated_at: at,
        }
        const links = linksOf(parts, view, { ...shown, ...changes }, at)
        const body = { ...origin(mutation), set: { ...changes, links } }
        return singleStep({ kind: 'payment_terminal.updated', op: id, body }, 200, document)
      }),
    get: (access: Access, id: string): Resource => now(read.get(access, id)),
    list: (access: Access, query: PageQuery): Page<Resource> => {
      const page = read.list(access, query)
      return { ...page, data: page.data.map(now) }
    },
  }
}

function newTerminal(id: string, merchant: string, input: CreatePaymentTerminal, at: string): UnlinkedTerminal {
  const { tid = null, holder_name = null, active_to = null, metadata = null, ...rest } = input
  const more = { tid, holder_name, active_to, metadata }
  return { id, merchant_id: merchant, ...rest, ...more, created_at: at, updated_at: at }
}

function linksOf({ laws }: TillParts, view: View, terminal: UnlinkedTerminal, at?: string): TerminalLink[] {
  const rules = lawOfCountry(laws, countryOf(view, terminal.location_id))?.terminals
  return rules === undefined ? [] : [...rules.links(view, terminal, at)]
}

function countryOf(view: View, location: string): string | undefined {
  return view.location(location)?.shown.address.country_code
}

/** Throws `not_found`, `unprocessable_entity` if the law of the place has no payment terminals. */
function refusePlace({ laws }: TillParts, view: View, merchant: string, id: string): void {
  ownedDocument(view, 'location', { merchantId: merchant }, id)
  const country = countryOf(view, id)
  if (lawOfCountry(laws, country)?.terminals !== undefined) return
  throw unprocessable(
    `Location ${id} is in ${country}: no tax office there asks for payment terminals.`,
    '/location_id',
  )
}

/** Entered twice, a terminal would have each duty twice. Throws `payment_terminal_exists`. */
function refuseSecond(view: View, input: CreatePaymentTerminal): void {
  const { tid = null, acquirer, location_id: place, active_from: first } = input
  const known = [...everyId(view, 'payment_terminal')].find((id) => {
    const other = view.paymentTerminal(id)?.shown
    if (other?.tid !== tid || other.acquirer.tax_number !== acquirer.tax_number) return false
    return other.location_id === place && other.active_from === first
  })
  if (known === undefined) return
  const message = `Payment terminal ${known} has the same id, acquirer, location and first day.`
  throw new FiskalError('payment_terminal_exists', message, { pointer: '/tid', payment_terminal_id: known })
}

/** Throws `not_found`, `unprocessable_entity` for one of another place, or out of use. */
function refuseRegisters(view: View, merchant: string, location: string, ids: readonly string[]): void {
  for (const [index, id] of ids.entries()) {
    const pointer = `/register_ids/${index}`
    const register = view.register(id)?.shown
    if (register?.merchant_id !== merchant) throw notFound('register', id)
    if (ids.indexOf(id) < index) throw unprocessable(`Register ${id} is named twice.`, pointer)
    if (register.location_id !== location)
      throw unprocessable(`Register ${id} is at location ${register.location_id}, not at ${location}.`, pointer)
    if (isDecommissioned(view, id))
      throw unprocessable(`Register ${id} is decommissioned: name others, or end the terminal (active_to).`, pointer)
  }
}
