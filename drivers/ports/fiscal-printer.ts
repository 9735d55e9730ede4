/**
 * Registratore Telematico: the certified printer whose memory is the fiscal record (D.Lgs. 127/2015 art. 2). Knows
 * documents, not operations. Every method may throw DeviceError. Calls may overlap: the driver's queue runs them one
 * at a time. Times of the printer are local (Europe/Rome) `YYYY-MM-DDTHH:MM:SS`; amounts are euro cents.
 */

/** One line of goods; `vat` is a rate (`0.22`) or natura (`N4`) that the device's configuration maps to a department. */
export type RtLine = {
  vat: string
  /** VAT included, more than 0. */
  unitPriceCents: bigint
  /** Decimal, more than 0, at most 99999 and three decimals: `1`, `0.250`. */
  quantity: string
  text: string
  /** By value, on this line. A discount on the total is spread over the lines by the caller. */
  adjustments?: readonly RtAdjustment[]
}
export type RtAdjustment = { kind: 'discount' | 'surcharge'; amountCents: bigint; text: string }

/** What leaves the document's total after the lines: omaggio, acconto paid before, single-use voucher redeemed. */
export type RtDeduction = {
  reason: 'gift' | 'advance' | 'single_use_voucher'
  vat: string
  amountCents: bigint
  text: string
}

/**
 * Number of the factory payment table: 1 contanti, 2 non riscosso beni, 3 assegni, 4 carte elettroniche, 5 tickets,
 * 6 non riscosso servizi, 7 non riscosso fatture, 8 non riscosso SSN, 9 sconto a pagare, 10 buoni multiuso, 11 buoni
 * celiachia. Change is given for 1, 3 and 5: card first with the exact amount, cash last.
 */
export type RtPayment = {
  tender: number
  amountCents: bigint
  /** How many tickets make the amount. */
  count?: number
}

/** The document that a return or void names. `z` is the printed closure number, `date` `YYYY-MM-DD`. */
export type RtOriginal = { z: number; number: number; date: string; serial?: string }

/**
 * What a return names where it names no document: the slip of a card terminal (`POS`), empties (`VR`, vuoti a rendere), or
 * nothing that is at hand (`ND`). `date` `YYYY-MM-DD`.
 */
export type RtEvidence = { evidence: 'POS' | 'VR' | 'ND'; date: string }

type Content = {
  /**
   * Unique text of 8 to 12 letters and digits, printed inside the document: after a lost reply it tells ours from an
   * equal one keyed in by hand.
   */
  reference: string
  lines: readonly RtLine[]
  /** The last one reaches the total. None only where the total is 0. */
  payments: readonly RtPayment[]
  /** Free text lines inside the document. */
  texts?: readonly string[]
  /** Lotteria degli scontrini, 8 of A-Z0-9. Not beside a tax code. */
  lotteryCode?: string
  /** Codice fiscale (16) or partita IVA (11 digits) of the customer. */
  customerTaxCode?: string
}

/** Documento commerciale di vendita o prestazione (DM 7/12/2016). */
export type RtSale = Content & {
  kind: 'sale'
  deductions?: readonly RtDeduction[]
}
/**
 * Documento commerciale emesso per reso merce; `lines` positive and at the price that was paid, `payments` is how the money
 * goes back. Codes of the customer only where the original is not in this printer's memory.
 */
export type RtReturn = Content & { kind: 'return'; original: RtOriginal | RtEvidence }
/** Documento commerciale emesso per annullamento: takes the whole document back, once. */
export type RtVoid = { kind: 'void'; original: RtOriginal }
/** Documento gestionale: training, session slips, gift cards. Never fiscal. */
export type RtNonFiscal = { kind: 'non_fiscal'; lines: readonly string[] }
/** Cash put into (positive) or taken out of the drawer; documento gestionale. */
export type RtCash = { kind: 'cash'; amountCents: bigint }

export type RtDocument = RtSale | RtReturn | RtVoid | RtNonFiscal | RtCash

/**
 * What the printer had done before an act: the caller makes it durable before the act begins. Plain JSON.
 * Counters a family does not have are 0.
 */
export type RtBaseline = {
  serial: string
  /** Closures made so far; documents of the running period are printed with `z + 1`. */
  z: number
  /** Last fiscal document of the running period, 0 after a closure, below 0 where the printer tells a slip in its place. */
  number: number
  /** Last non-fiscal document of the running period. */
  nonFiscal: number
  /** Power losses so far. */
  restores: number
  /** The printer's clock. */
  at: string
}

export type RtPrinted = {
  kind: RtDocument['kind']
  serial: string
  /** Closure number as printed. */
  z: number
  number: number
  /** `ZZZZ-NNNN`; of a non-fiscal document its plain number. */
  documentNumber: string
  /** The printer's clock; undefined where it could not be read. */
  printedAt: string | undefined
  /** Files not yet sent to the tax office at that moment; undefined where it could not be read. */
  pendingFiles: number | undefined
  /** False where a slip keyed in by hand cannot be told from ours (only non_fiscal and cash). */
  certain: boolean
  /**
   * Numbers of sales that came out in the place of this return, since power was lost behind the command that opened it,
   * and were annulled at once.
   */
  annulled?: readonly string[]
}

export type RtClosure = { z: number; closedAt: string | undefined; pendingFiles: number | undefined }

/** Read from the printer's own detail memory. */
export type RtLastDocument = {
  kind: 'sale' | 'return' | 'void'
  z: number
  number: number
  documentNumber: string
  /** `YYYY-MM-DDTHH:MM`. */
  printedAt: string | undefined
  totalCents: bigint | undefined
  /** The `reference` of the one who printed it. */
  reference: string | undefined
}

/** Where a fiscal document stands; `z` is the closure number as printed. */
export type RtPlace = { z: number; number: number }

/**
 * From one place to another, both included. `day` (`YYYY-MM-DD`, the printer's) is not after the day of the first, `until`
 * not before that of the last: the printer's own where left out.
 */
export type RtSpan = { from: RtPlace; to: RtPlace; day: string; until?: string }

/** What the detail memory has of a span; of each closure in it how many documents it closed. */
export type RtMemory = {
  documents: readonly RtLastDocument[]
  closures: readonly { z: number; documents: number }[]
}

export type RtTotals = { documents: number; salesCents: bigint; returnsCents: bigint; voidsCents: bigint }

export type RtHealth = {
  paper: 'ok' | 'low' | 'out'
  cover: 'closed' | 'open'
  memory: 'ok' | 'nearly_full' | 'full'
  inService: boolean
  pendingFiles: number
  pendingFilesMax: number | undefined
  /** Printer's local time of the oldest unsent file. */
  oldestPendingAt: string | undefined
  periodicCheck: 'ok' | 'expiring' | 'expired'
  /** Printer's clock minus host's; undefined if the printer does not report its time. */
  clockSkewMs: number | undefined
  /** A document is open: ours being printed, or one at the panel. */
  documentOpen: boolean
  /** Closures made so far. */
  z: number
  /** Free words: firmware, model. */
  description: string
}

/**
 * What became of a document: printed since the baseline, or certainly not (undefined). `misprinted`: it was not, and a
 * sale stands or stood in its place; only `print` annuls and tells of it, so the document must not be given up.
 */
export type RtSettled = RtPrinted | 'misprinted' | undefined

export type FiscalPrinter = {
  readonly kind: 'fiscal-printer'
  /**
   * Connects, asks who it is, aborts a document left open and turns the key to REG. Called again after an
   * `unavailable`; harmless when already open. Callers settle every act in doubt right after it.
   */
  open(): Promise<void>
  /** For good: ends what runs, and refuses what comes later (`aborted` none). */
  close(): Promise<void>
  /** True for a number of the payment table that this printer prints. Asks nothing. */
  hasTender(tender: number): boolean
  /**
   * Throws, as `print` would before its first byte, what the printer could not print whole: `refused` or
   * `department_unknown`, effect `none`. Asks nothing: a document and the one after it can be checked before either.
   */
  check(document: RtDocument): void
  /** Read from the device: the agent compares the serial (matricola) with the enrolled one. */
  identity(): Promise<{ serial: string }>
  /** Prints nothing, possible at any time. */
  health(): Promise<RtHealth>
  /** Brings the printer to rest (a foreign open document is aborted) and reads the counters. Prints no document. */
  baseline(): Promise<RtBaseline>
  /**
   * Prints exactly one document, also when called again with the same document and the same durable baseline: what was
   * printed since the baseline is looked through first. Effect `none`: certainly not printed. Effect `unknown`:
   * printer not reached or no paper before the deadline; ask `settle` until it answers.
   */
  print(document: RtDocument, baseline: RtBaseline): Promise<RtPrinted>
  /**
   * Settles an unknown outcome of `print`. Never prints a document; aborts an open one, which has no number. Repeating is
   * harmless.
   */
  settle(document: RtDocument, baseline: RtBaseline): Promise<RtSettled>
  /** Chiusura giornaliera (Z). May be called again with the same baseline: one closure only. */
  closeDay(baseline: RtBaseline): Promise<RtClosure>
  /** Settles an unknown `closeDay` by the closure counter: undefined when no closure was made since the baseline. */
  settleClosure(baseline: RtBaseline): Promise<RtClosure | undefined>
  /** Reads the memory; undefined in a period without a document. Repeating is harmless. */
  lastDocument(): Promise<RtLastDocument | undefined>
  /**
   * Reads a span of the memory; families whose protocol reads no texts do not have it. Given up after `withinMs`. Throws
   * `no_data` for more than a few days: the whole memory is never read. Repeating is harmless.
   */
  documents?(span: RtSpan, withinMs: number): Promise<RtMemory>
  /** Running period. Repeating is harmless. */
  dailyTotals(): Promise<RtTotals>
  /** Prints the X report. Not fiscal: a second copy is harmless. */
  printReport(): Promise<void>
  /** Repeating opens it again: harmless. */
  openDrawer(): Promise<void>
  /** Starts sending the files that the tax office has not got. Repeating is harmless. */
  transmitPending(): Promise<void>
}
