import { parseRfc3339 } from '../../../../base/clock.ts'
import { said } from '../../../../base/text.ts'
import type { Merchant } from '../../../contract/merchant.ts'
import type { Register, Terminal } from '../../../contract/register.ts'
import { sentDate } from '../../session-date.ts'
import type { BonDocument } from '../bon-document.ts'
import { occurredMsOf } from '../drawer-opening.ts'
import { FACTS } from '../facts.ts'
import type { Identity } from '../identity.ts'
import { isOwnIdentity } from '../identity.ts'
import { stateOf } from '../state.ts'
import type { DatedRate } from '../vat.ts'
import { ratesIn } from '../vat.ts'
import type { Bon, Closing, Source, TseMaster } from './bon.ts'
import { bonEndMs } from './bon-end.ts'
import type { BonTime } from './bon-times.ts'
import { BonTimes, openingWithin } from './bon-times.ts'
import { ClosingVat } from './closing-vat.ts'
import type { BonFrame, ReferredBon } from './document-bon.ts'
import { documentBon, streetOf } from './document-bon.ts'
import { UnknownRateError } from './goods-lines.ts'
import type { HashedEvents } from './hashed-events.ts'
import type { JournalReads, NumberedBon } from './journal-bons.ts'
import { numberedBons } from './journal-bons.ts'
import type { ClosedSession, Selection } from './journal-closings.ts'
import { ClosingMoments, closedSessions } from './journal-closings.ts'
import { lostBon } from './lost-bon.ts'
import { NumberGaps } from './number-gaps.ts'
import { orphanBon } from './orphan-bon.ts'
import { DsfinvkRefusedError } from './refused.ts'

/** Settings that the journal does not contain; a closing uses those frozen with its session. */
export type BookSettings = {
  /** Each event is compared with its hash while it is read. */
  hashes: HashedEvents
  taxonomyVersion: string
  defaultOperator: string
  brand: string
  model: string
  softwareBrand: string
  softwareVersion: string
  /** Leaves out a bon that its TSE is still settling and calls this; without it such a bon refuses its closing. */
  onUnsettled?: () => void
  /** The rates in force of a session that is not closed yet, if the configuration has any. */
  vatRates?: readonly DatedRate[] | undefined
  /** A TSE by its serial number, if the journal has no document `tse_<serial>` of it. */
  tse: (serial: string) => TseMaster | undefined
}

/** The journalled closings of a range, with the master data of their time. */
export function journalSource(
  view: JournalReads,
  selection: Selection,
  settings: BookSettings,
): Source & { readonly times: Pick<BonTimes, 'moved'> } {
  const times = new BonTimes()
  const moments = new ClosingMoments(view)
  return {
    times,
    *closings() {
      for (const session of closedSessions(view, selection)) yield closingOf(view, session, settings, times, moments)
    },
  }
}

type SessionFrame = BonFrame & {
  /** The terminals of the register in the session. */
  terminals: readonly Terminal[]
}

type Moments = Pick<ClosingMoments, 'of'>

/** Also yields the bons of a closing by portions of the journal, most of them empty. */
export type JournalClosing = Closing & { portions(): Iterable<readonly Bon[]> }

/** One closed session as its closing. */
export function closingOf(
  view: JournalReads,
  session: ClosedSession,
  settings: BookSettings,
  times: BonTimes = new BonTimes(),
  moments: Moments = new ClosingMoments(view),
): JournalClosing {
  const register = view.register(session.registerId, session.closedSeq)?.shown
  // Later changes wait for the end of a session, but possibly of another one.
  const merchant = view.merchant(session.document.shown.merchant_id, session.openedSeq)?.shown
  const location = view.location(String(register?.location_id), session.openedSeq)?.shown
  const identity = germanIdentity(merchant)
  const { books: frozen = {} } = session.document.own
  const setting = (member: string, standing: string): string => {
    const own = frozen[member]
    return (typeof own === 'string' ? said(own) : undefined) ?? standing
  }
  const createdAt = times.text(session.createdMs)
  const businessDate = sentDate(session)
  const defaultOperator = setting('default_operator', settings.defaultOperator)
  const facts = factsOf(register)
  // One name of the till for the inspector: that in the notice of § 146a Abs. 4 AO.
  const { inventory = {} } = register ?? {}
  const vat = new ClosingVat(createdAt.slice(0, 10), ratesIn(frozen['vat_rates']) ?? settings.vatRates)
  const frame: SessionFrame = {
    vat,
    leftCents: session.leftCents,
    defaultOperator,
    tseSerial: String(facts.tse_serial),
    terminals: register?.terminals ?? [],
    refer: (id) => referredBon(view, id, times, moments),
  }
  const gaps = new NumberGaps(view, session)
  function* portions(): Generator<readonly Bon[]> {
    for (const portion of numberedBons(view, session, settings.hashes)) {
      const bons = portion.flatMap((numbered) => {
        const isLeftOut = settings.onUnsettled !== undefined && isUnsettled(numbered)
        if (isLeftOut) settings.onUnsettled?.()
        return isLeftOut ? [] : (bonOf(view, session, numbered, frame, times) ?? [])
      })
      yield bons.map((bon) => gaps.named(bon))
    }
  }
  return {
    registerId: session.registerId,
    number: session.number,
    createdAt,
    businessDate: businessDate === createdAt.slice(0, 10) ? undefined : businessDate,
    taxonomyVersion: setting('taxonomy_version', settings.taxonomyVersion),
    company: {
      ...placeOf(merchant?.legal_name, merchant?.address),
      taxNumber: said(identity?.tax_number),
      vatId: said(identity?.vat_id),
    },
    location: { ...placeOf(location?.name, location?.address), vatId: said(identity?.vat_id) },
    register: {
      serial: String(facts.client_id),
      brand: said(inventory.maker) ?? setting('brand', settings.brand),
      model: said(inventory.model) ?? setting('model', settings.model),
      softwareBrand: said(inventory.software) ?? setting('software_brand', settings.softwareBrand),
      softwareVersion: said(inventory.software_version) ?? setting('software_version', settings.softwareVersion),
      currency: 'EUR',
    },
    vat,
    portions,
    *bons() {
      for (const portion of portions()) yield* portion
    },
    agency: (id) => merchant?.agencies?.find((agency) => agency.id === id),
    tse: (serial) => journalledTse(view, serial) ?? settings.tse(serial),
  }
}

/** Throws DsfinvkRefusedError, with the number of the bon. */
function bonOf(
  view: JournalReads,
  session: ClosedSession,
  numbered: NumberedBon,
  frame: SessionFrame,
  times: BonTimes,
): Bon | undefined {
  const timesOf = (startMs: number, endedMs: number): BonTime => times.of(session, startMs, endedMs)
  try {
    if (numbered.kind === 'lost') return lostBon(numbered, frame, timesOf)
    if (numbered.kind === 'stray') return orphanBon(view, numbered, frame, timesOf)
    const { document, number, numberedMs } = numbered
    if (isUnsettled(numbered)) throw new UnsettledError(`operation ${document.id} is still being settled by the TSE`)
    const bon = documentBon(document, frame, number, documentTimes(document, session, numberedMs, times))
    return withTerminal(document, bon, frame.terminals)
  } catch (error) {
    const isData = error instanceof UnsettledError || error instanceof UnknownRateError || error instanceof RangeError
    const broken = error instanceof TypeError || error instanceof SyntaxError
    if (!isData && !broken) throw error
    const what = broken ? `the journalled document cannot be read: ${error.message}` : error.message
    const closing = `${session.registerId} Z ${session.number}`
    throw new DsfinvkRefusedError([{ closing, bon: String(numbered.number), what, rule: '§ 12' }], 1)
  }
}

/**
 * The terminal that sent the bon, as it was in the session: a change of the register waits for the close. Throws
 * RangeError for one that the register did not have.
 */
function withTerminal(document: BonDocument, bon: Bon | undefined, terminals: readonly Terminal[]): Bon | undefined {
  const id = document.kind === 'drawer_opening' ? undefined : document.shown.terminal_id
  if (bon === undefined || id === undefined) return bon
  const terminal = terminals.find((one) => one.id === id)
  if (terminal === undefined) throw new RangeError(`terminal ${id} is not one of the register in this session`)
  return { ...bon, terminal }
}

/** The TSE has not reported the outcome of a bon that the till has. */
function isUnsettled(numbered: NumberedBon): boolean {
  return numbered.kind === 'operation' && stateOf(numbered.document).fiscal.state === 'pending'
}

/** A drawer opening belongs to no session, so it has the till's own time. */
function documentTimes(document: BonDocument, session: ClosedSession, numberedMs: number, times: BonTimes): BonTime {
  const occurredMs = occurredMsOf(document)
  if (occurredMs !== undefined) {
    const at = times.text(openingWithin(session, occurredMs))
    return { start: at, end: at }
  }
  return times.of(session, parseRfc3339(document.shown.created_at) ?? 0, bonEndMs(document, numberedMs))
}

class UnsettledError extends Error {
  override readonly name = 'UnsettledError'
}

/** The bon of an earlier operation, with the closing that it is in or will be in: one that is not made has no time yet. */
function referredBon(view: JournalReads, id: string, times: BonTimes, moments: Moments): ReferredBon {
  const document = view.operation(id)
  if (document === undefined) return undefined
  const { source, session_id: sessionId } = document.shown
  if (source === 'ONLINE') return 'online'
  if (document.law !== undefined && document.law.name !== FACTS.name) return 'abroad'
  const session = sessionId === null ? undefined : view.session(sessionId)
  const { receipt_number: number } = document.own
  if (session === undefined || number === undefined) return undefined
  const { createdMs } = moments.of(session) ?? {}
  return {
    registerId: session.register,
    // An open session gets the number after the last.
    closing: Number(session.document.own.z_number ?? view.nextZNumber(session.register)),
    bonId: String(number),
    date: createdMs === undefined ? undefined : times.text(createdMs),
  }
}

function journalledTse(view: JournalReads, serial: string): TseMaster | undefined {
  const { algorithm, time_format: timeFormat, public_key: publicKey, certificate } = view.tse(serial)?.shown ?? {}
  if (certificate === undefined) return undefined
  return {
    serial,
    algorithm: String(algorithm),
    timeFormat: String(timeFormat) as TseMaster['timeFormat'],
    publicKey: String(publicKey),
    certificate,
  }
}

function germanIdentity(merchant: Merchant | undefined): Identity | undefined {
  return merchant?.fiscal_identities.find(isOwnIdentity)
}

/** Throws TypeError for a register that is not one of this law in the journal. */
function factsOf(register: Register | undefined): NonNullable<Register['fiscalization']> {
  const facts = register?.fiscalization
  if (facts === null || facts === undefined) throw new TypeError(`register ${register?.id} was never fiscalized`)
  return facts
}

/** As it was sent, including blanks: a blank is not a missing member. */
function placeOf(name = '', address: Merchant['address'] | undefined): Closing['company'] {
  return {
    name,
    street: (address && streetOf(address)) ?? address?.line1 ?? '',
    postalCode: address?.postal_code ?? '',
    city: address?.city ?? '',
    country: address?.country_code ?? '',
  }
}
