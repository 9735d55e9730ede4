import { hash } from 'node:crypto'
import type { Clock } from '../../../base/clock.ts'
import { monoMs, parseRfc3339, rfc3339 } from '../../../base/clock.ts'
import { said } from '../../../base/text.ts'
import { FiskalError } from '../../errors.ts'
import { isGoods } from '../../journal/documents/document.ts'
import { isGoodsKind } from '../../journal/documents/kind.ts'
import type { NewEvent } from '../../journal/events.ts'
import { codePicture } from '../../receipts/html.ts'
import { isDrawable } from '../../receipts/qr.ts'
import { renderText } from '../../receipts/text.ts'
import type { Application } from '../application.ts'
import { lawOfRegister } from '../laws.ts'
import type { TillParts } from '../parts.ts'
import { digitalWord } from '../selling/issued.ts'
import type { DisplayAddresses } from './display-addresses.ts'
import { receiptOf } from './receipts.ts'

export type DisplayOptions = Pick<TillParts, 'journal' | 'laws' | 'receiptLaws' | 'devices'> & {
  clock: Clock
  addresses: DisplayAddresses
  /** So long a receipt is on a display before it is handed over, if the law has that. */
  holdMs: number
  /** True while a request or a group of the journal waits for the event loop. */
  isBusy: () => boolean
  onError: (error: unknown) => void
}

type Shown = { readonly body: string; readonly etag: string }

/**
 * A receipt on the displays of its register. `seq`: the event that completed it. It is shown until `endMs`, or until the
 * next sale begins, but then at least until `heldMs`; both are monotonic. `heldMs` is undefined before a display has
 * fetched the receipt, and if to show it is not to hand it over.
 */
type Screen = Shown & {
  readonly operation: string
  readonly seq: number
  readonly endMs: number
  readonly isHandedOver: boolean
  heldMs?: number | undefined
  isRecorded: boolean
}

/** An operation that was completed, or changed while it is shown. */
type Due = Pick<Screen, 'operation' | 'seq' | 'endMs'>

/**
 * A register. `begunSeq`: the event that began its newest sale. `askedMs`: the last question of a display, monotonic.
 * `due`: a receipt that is not made yet.
 */
type Place = { begunSeq: number; askedMs: number; due?: Due | undefined; screen?: Screen }

/** How long the receipt of a sale is shown, unless the next one begins. */
const SHOWN_MS = 60_000
/** The answer of the sale goes first. */
const LATER_MS = 2
/** A display asks each second. */
const WATCHED_MS = 10_000
/** A receipt waits at most so long for the tills: it must be on the display within a second. */
const WAIT_MAX_MS = 300
const NOTHING = shownOf({ receipt: null, text: null, code: null, link: null, until: null })

/**
 * The newest receipt of each register, for its customer's displays. It is made once, after the answer of the sale and
 * while no till waits, if a display asks for the register; a display is answered from memory. Nothing else of the
 * register is read.
 */
export class Displays {
  readonly #options: DisplayOptions
  readonly #places = new Map<string, Place>()
  #due: Due[] = []
  #cancel: (() => void) | undefined

  constructor(options: DisplayOptions) {
    this.#options = options
  }

  /** The part of the application that the routes of a display call. */
  asDisplay(): Application['display'] {
    return {
      page: (token) => this.#page(token),
      now: (token) => this.#now(token),
      fetched: (token, etag) => this.#fetched(token, etag),
    }
  }

  /** Called after each commit; `head` is the last of these events. */
  note(head: number, events: readonly NewEvent[]): void {
    let seq = head - events.length
    for (const event of events) {
      seq++
      this.#options.addresses.note(event)
      this.#noteEvent(seq, event)
    }
    if (this.#due.length > 0) this.#makeLater(LATER_MS)
  }

  stop(): void {
    this.#cancel?.()
    this.#due = []
  }

  #noteEvent(seq: number, { kind, op, body: { index, status } }: NewEvent): void {
    if (index?.register !== undefined && isGoodsKind(index.kind)) this.#begin(index.register, seq)
    if (status === 'completed') this.#due.push({ operation: op, seq, endMs: monoMs(this.#options.clock) + SHOWN_MS })
    else if (kind === 'operation.reconciled') {
      const screen = [...this.#places.values()].find((place) => place.screen?.operation === op)?.screen
      if (screen !== undefined) this.#due.push(screen)
    }
  }

  #begin(register: string, seq: number): Place {
    const place = this.#places.get(register) ?? { begunSeq: seq, askedMs: Number.NEGATIVE_INFINITY }
    place.begunSeq = seq
    this.#places.set(register, place)
    return place
  }

  #makeLater(delayMs: number, waitedMs = 0): void {
    this.#cancel ??= this.#options.clock.after(delayMs, () => {
      this.#cancel = undefined
      if (this.#options.isBusy() && waitedMs < WAIT_MAX_MS) this.#makeLater(2 * delayMs, waitedMs + delayMs)
      else this.#makeDue()
    })
  }

  #makeDue(): void {
    const due = this.#due
    this.#due = []
    for (const each of due) {
      try {
        this.#take(each)
      } catch (error) {
        this.#options.onError(error)
      }
    }
  }

  #take(due: Due): void {
    const document = this.#options.journal.view.operation(due.operation)
    const register = document !== undefined && isGoods(document) ? said(document.shown.register_id) : undefined
    if (register === undefined) return
    const place = this.#places.get(register) ?? this.#begin(register, 0)
    if (place.begunSeq > due.seq || (place.screen?.seq ?? 0) > due.seq) return
    place.due = due
    const isWatched = monoMs(this.#options.clock) - place.askedMs < WATCHED_MS
    if (isWatched && !this.#isInTheWay(place)) this.#make(register, place)
  }

  #make(registerId: string, place: Place): void {
    const { due, screen } = place
    place.due = undefined
    const document = due && this.#options.journal.view.operation(due.operation)
    if (due === undefined || document === undefined || place.begunSeq > due.seq) return
    const { merchant_id: merchantId, completed_at: completedAt } = document.shown
    const before = screen?.operation === due.operation ? screen : undefined
    const caller = { kind: 'register', keyId: '', registerId } as const
    const receipt = receiptOf(this.#options, { caller, merchantId }, due.operation, undefined)
    const { qr } = receipt
    const code = qr !== null && isDrawable(qr) ? codePicture(qr) : null
    const until = rfc3339((parseRfc3339(completedAt ?? '') ?? 0) + SHOWN_MS)
    const shown = shownOf({ receipt, text: renderText(receipt), code, link: null, until })
    const { operation, seq, endMs } = due
    const isHandedOver = this.#handsOver(registerId)
    place.screen = {
      ...{ ...shown, operation, seq, endMs, isHandedOver },
      heldMs: before?.heldMs,
      isRecorded: before?.isRecorded === true,
    }
  }

  #handsOver(registerId: string): boolean {
    const { journal, laws } = this.#options
    const register = journal.view.register(registerId)?.shown
    return register !== undefined && lawOfRegister(laws, register)?.facts.handsOverByDisplay === true
  }

  /** The customer of the receipt before has time to take it. */
  #isInTheWay({ screen, due }: Place): boolean {
    return screen !== undefined && screen.operation !== due?.operation && this.#isHeld(screen)
  }

  #isHeld({ heldMs }: Screen): boolean {
    return heldMs !== undefined && monoMs(this.#options.clock) < heldMs
  }

  /** Before the first event of the register in this process: what was shown when the last one ended. */
  #placeOf(register: string): Place {
    const known = this.#places.get(register)
    if (known !== undefined) return known
    const { view } = this.#options.journal
    const newest = view.newestOperations({ register }, 100).find(({ type }) => isGoodsKind(type))
    const place = this.#begin(register, newest?.seq ?? 0)
    const last = view.lastCompleted(register).find(({ type }) => isGoodsKind(type))
    if (last !== undefined) this.#makePast(last.id, last.ended)
    return place
  }

  #makePast(operation: string, seq: number): void {
    const { journal, clock } = this.#options
    const completedMs = parseRfc3339(journal.view.operation(operation)?.shown.completed_at ?? '') ?? 0
    const leftMs = Math.min(SHOWN_MS, completedMs + SHOWN_MS - clock.now())
    this.#take({ operation, seq, endMs: monoMs(clock) + leftMs })
  }

  #page(token: string): ReturnType<Application['display']['page']> {
    const { addresses, journal } = this.#options
    const { view } = journal
    const register = view.register(addresses.registerOf(token) ?? '')?.shown
    if (register === undefined) return undefined
    return {
      shop: said(view.merchant(register.merchant_id)?.shown.legal_name) ?? '',
      place: said(view.location(register.location_id)?.shown.name) ?? '',
    }
  }

  #now(token: string): Shown | undefined {
    const register = this.#options.addresses.registerOf(token)
    if (register === undefined) return undefined
    // A receipt that is due is made now if no till waits.
    const mayRead = !this.#options.isBusy()
    if (mayRead) this.#makeDue()
    const place = mayRead ? this.#placeOf(register) : this.#places.get(register)
    if (place === undefined) return NOTHING
    place.askedMs = monoMs(this.#options.clock)
    if (mayRead && place.due !== undefined && !this.#isInTheWay(place)) this.#make(register, place)
    return place.screen !== undefined && this.#isCurrent(place, place.screen) ? place.screen : NOTHING
  }

  #isCurrent({ begunSeq }: Place, screen: Screen): boolean {
    return (begunSeq <= screen.seq || this.#isHeld(screen)) && monoMs(this.#options.clock) < screen.endMs
  }

  /** A display asks each second by the receipt that it has: with its last question the time is over, or it was not. */
  #fetched(token: string, etag: string): void {
    const { addresses, clock, holdMs, journal, onError } = this.#options
    const place = this.#places.get(addresses.registerOf(token) ?? '')
    const screen = place?.screen
    if (screen === undefined || !screen.isHandedOver || screen.isRecorded || screen.etag !== etag) return
    screen.heldMs ??= monoMs(clock) + holdMs
    if (this.#isHeld(screen)) return
    screen.isRecorded = true
    const { operation } = screen
    // After the answer, which a waiting commit would leave without the next receipt.
    Promise.resolve()
      .then(() => journal.record((view) => digitalWord(view, operation)))
      .catch((error: unknown) => {
        // A journal that takes nothing has its own warning; the display asks again.
        if (place?.screen?.operation === operation) place.screen.isRecorded = false
        if (!(error instanceof FiskalError)) onError(error)
      })
  }
}

function shownOf(content: object): Shown {
  const body = JSON.stringify(content)
  return { body, etag: `"${hash('sha256', body, 'base64url')}"` }
}
