/**
 * Registratore Telematico: the certified printer whose memory is the fiscal record (D.Lgs. 127/2015 art. 2). Knows
 * documents, not operations. Every method may throw DeviceError. Calls may overlap: the driver's queue runs them one
 * at a time. Times of the printer are local (Europe/Rome) `YYYY-MM-DDTHH:MM:SS`; amounts are euro cents.
 */

/** One line of goods; `vat` is a rate (`0.22`) or natura (`N4`), after it the code of a department if it is not the default one (`0.22/servizi`): a key that the device's configuration maps to a department. */
export type RtLine = {
  vat: string
  /** VAT included, more than 0. */
  unitPriceCents: bigint
  /** Decimal, more than 0, at most 99999 and three decimals: `1`, `0.250`. */
  quantity: string
  text: string
  /** An untaxed voucher that is printed at a rate. No driver needs it: the comparison of the books does. */
  voucher?: true
  /** By value, on this line. A discount on the total is spread over the lines by the caller. */
  adjustments?: readonly RtAdjustment[]
}
export type RtAdjustment = { kind: 'discount' | 'surcharge'; amountCents: bigint; text: string }

/** An amount that reduces the total after the lines: omaggio, acconto paid before, single-use voucher redeemed. */
export type RtDeduction = {
  reason: 'gift' | 'advance' | 'single_use_voucher'
  vat: string
  amountCents: bigint
  text: string
}

/**
 * Number of the factory payment table: 1 contanti, 2 non riscosso beni, 3 assegni, 4 carte elettroniche, 5 tickets,
 * 6 non riscosso servizi, 7 non riscosso fatture, 8 non riscosso SSN, 9 sconto a pagare, 10 buoni multiuso, 11 buoni
 * celiachia. Change is given for 1 and 3: card first with the exact amount, cash last.
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
 * The evidence of a return that names no document: slip of a card terminal (`POS`), empties (`VR`, vuoti a rendere), or
 * none available (`ND`). `date` is `YYYY-MM-DD`.
 */
export type RtEvidence = { evidence: 'POS' | 'VR' | 'ND'; date: string }

type Content = {
  /**
   * Unique text of 8 to 12 letters and digits, printed inside the document. After a lost reply it distinguishes our
   * document from an equal one keyed in by hand.
   */
  reference: string
  lines: readonly RtLine[]
  /** The last one reaches the total. Empty only if the total is 0. */
  payments: readonly RtPayment[]
  /** Free text lines inside the document. */
  texts?: readonly string[]
  /** Lotteria degli scontrini, 8 of A-Z0-9. Not together with a tax code. */
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
 * Documento commerciale emesso per reso merce. `lines` are positive and at the price paid; `payments` is how the money
 * is returned. Customer codes only if the original is not in this printer's memory.
 */
export type RtReturn = Content & { kind: 'return'; original: RtOriginal | RtEvidence }
/** Documento commerciale emesso per annullamento: voids the whole document, once. */
export type RtVoid = { kind: 'void'; original: RtOriginal }
/** Documento gestionale: training, session slips, gift cards. Never fiscal. */
export type RtNonFiscal = { kind: 'non_fiscal'; lines: readonly string[] }
/** Cash put into (positive) or taken out of the drawer; documento gestionale. */
export type RtCash = { kind: 'cash'; amountCents: bigint }

export type RtDocument = RtSale | RtReturn | RtVoid | RtNonFiscal | RtCash

/**
 * State of the printer before an act; the caller makes it durable before the act begins. Plain JSON. Counters that a
 * family does not have are 0.
 */
export type RtBaseline = {
  serial: string
  /** Closures made so far; documents of the running period are printed with `z + 1`. */
  z: number
  /** Last fiscal document of the running period; 0 after a closure, below 0 if the printer reports a slip instead. */
  number: number
  /** Last non-fiscal document of the running period. */
  non_fiscal: number
  /** Power losses so far. */
  restores: number
  /** The printer's clock. */
  at: string
  /**
   * All counters of the running period as the printer writes them, if only all of them together show that nothing was
   * printed.
   */
  day_counters?: string
}

export type RtPrinted = {
  kind: RtDocument['kind']
  serial: string
  /** Closure number as printed. */
  z: number
  number: number
  /** `ZZZZ-NNNN`; the plain number for a non-fiscal document. */
  documentNumber: string
  /** The printer's clock; undefined if it could not be read. */
  printedAt: string | undefined
  /** Files not yet sent to the tax office at that moment; undefined if this could not be read. */
  pendingFiles: number | undefined
  /** False if a slip keyed in by hand looks the same (only non_fiscal and cash). */
  certain: boolean
  /**
   * Numbers of sales that the printer printed instead of this return, because power failed after the opening command.
   * They were annulled at once.
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
  /** The `reference` that the caller printed. */
  reference: string | undefined
}

/** Position of a fiscal document; `z` is the closure number as printed. */
export type RtPlace = { z: number; number: number }

/**
 * From one position to another, both included. `day` (`YYYY-MM-DD`, printer's date) is not after the day of the first,
 * `until` not before that of the last; default: the printer's own date.
 */
export type RtSpan = { from: RtPlace; to: RtPlace; day: string; until?: string }

/** Content of the detail memory for a span, with the number of documents of each closure. */
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
  /** Not yet sent to the tax office, those of the newest Zs; undefined if the printer does not report it. */
  pendingFiles: number | undefined
  /** Zs whose files the tax office rejected; they are pending, too. Omitted by families that do not name them. */
  rejectedZ?: readonly number[]
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
 * Outcome of a document: printed since the baseline, or certainly not (undefined). `misprinted`: not printed, and a
 * sale was printed instead; only `print` annuls and reports that sale, so the caller must not abandon the document.
 */
export type RtSettled = RtPrinted | 'misprinted' | undefined

export type RtPrinter = {
  /** The word of the API for the one fiscal printer that is supported: the RT of Italy. */
  readonly kind: 'fiscal_printer'
  /** A printer in software: no one approved it. */
  readonly uncertified?: true
  /**
   * Connects, identifies the printer, aborts a document left open and turns the key to REG. May be called again after
   * an `unavailable`; harmless when already open. Callers then settle every act with an unknown outcome.
   */
  open(): Promise<void>
  /** Permanent: ends the running command and refuses later ones (`aborted` none). */
  close(): Promise<void>
  /** Whether this printer prints that number of the payment table. Sends nothing. */
  hasTender(tender: number): boolean
  /**
   * Throws as `print` would before its first byte, if the printer could not print the whole document: `refused` or
   * `department_unknown`, effect `none`. Sends nothing, so several documents can be checked before the first is
   * printed.
   */
  check(document: RtDocument): void
  /** Read from the device: the agent compares the serial (matricola) with the enrolled one. */
  identity(): Promise<{ serial: string }>
  /** Prints nothing, possible at any time. */
  health(): Promise<RtHealth>
  /**
   * Brings the printer to an idle state (aborts a foreign open document) and reads the counters. Prints no document.
   */
  baseline(): Promise<RtBaseline>
  /**
   * Prints exactly one document, also when called again with the same document and the same durable baseline: it first
   * searches what was printed since the baseline. Effect `none`: certainly not printed. Effect `unknown`: the printer
   * was not reached or had no paper before the deadline; call `settle` until it returns.
   */
  print(document: RtDocument, baseline: RtBaseline): Promise<RtPrinted>
  /**
   * Determines an unknown outcome of `print`. Never prints a document; aborts an open one, which has no number.
   * Repeating is harmless.
   */
  settle(document: RtDocument, baseline: RtBaseline): Promise<RtSettled>
  /** Chiusura giornaliera (Z). May be called again with the same baseline: one closure only. */
  closeDay(baseline: RtBaseline): Promise<RtClosure>
  /**
   * Determines an unknown outcome of `closeDay` by the closure counter; undefined if no closure was made since the
   * baseline.
   */
  settleClosure(baseline: RtBaseline): Promise<RtClosure | undefined>
  /**
   * Reads the memory; undefined in a period without a document, unless the family reports the last one before it.
   * Repeating is harmless.
   */
  lastDocument(): Promise<RtLastDocument | undefined>
  /**
   * Reads a span of the memory; omitted by families whose protocol reads no texts. Times out after `withinMs`. Throws
   * `no_data` for more than a few days: the whole memory is never read. Repeating is harmless.
   */
  documents?(span: RtSpan, withinMs: number): Promise<RtMemory>
  /** Running period. Repeating is harmless. */
  dailyTotals(): Promise<RtTotals>
  /** Prints the X report. Not fiscal: a second copy is harmless. */
  printReport(): Promise<void>
  /** Repeating is harmless. */
  openDrawer(): Promise<void>
  /**
   * Prints the last document of the running period again; `no_data` in a period without one. Not fiscal: a second copy
   * is harmless. A lost reply has effect `none`, too.
   */
  printDuplicate(): Promise<void>
  /** The same without prices, for a gift; omitted by families without one. */
  printGift?(): Promise<void>
  /** Starts sending the files that the tax office has not received. Repeating is harmless. */
  transmitPending(): Promise<void>
}
