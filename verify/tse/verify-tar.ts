import type { KeyObject, X509Certificate } from 'node:crypto'
import type { NumberGap } from '../../base/number-spans.ts'
import { NumberSpans } from '../../base/number-spans.ts'
import {
  chainFlaw,
  isUncertified,
  pointOfCertificate,
  readCertificate,
  UNCERTIFIED,
} from '../../drivers/tr03151/certificate.ts'
import { isCvc, pointOfCvc } from '../../drivers/tr03151/cvc.ts'
import { findCurve, serialOfPoint, verifyPlainAside } from '../../drivers/tr03151/ecdsa.ts'
import {
  CHAIN_FILE_NAME,
  INFO_FILE_NAME,
  isCertificateFileName,
  nameFitsLog,
  nameOfLog,
} from '../../drivers/tr03151/file-name.ts'
import type { LogMessage } from '../../drivers/tr03151/log-message.ts'
import { parseLogMessage, transactionOperation } from '../../drivers/tr03151/log-message.ts'
import { MalformedError } from '../../drivers/tr03151/malformed.ts'
import { certificatesOf } from '../../drivers/tr03151/recall.ts'
import type { TarEntry } from '../../drivers/tr03151/tar.ts'
import { readTar } from '../../drivers/tr03151/tar.ts'
import type { TarFlaw, TarLanguage } from '../../drivers/tr03151/tar-texts.ts'
import { tarText } from '../../drivers/tr03151/tar-texts.ts'
import type { RightSignatures } from './right-signatures.ts'

/** One finding: the file, the flaw, and the rule that it violates. */
type TarFinding = { file: string; what: string; rule: string }

export type TarReport = {
  /** True without any finding. */
  valid: boolean
  /**
   * Every log is signed by the key of the serial number, and each gap has its audit log; names and format may deviate.
   */
  sound: boolean
  logs: number
  /** The logs by kind: begins and ends of transactions, their updates, and those of the unit itself. */
  kinds: LogKinds
  /** The lowest and the highest counter, and the times of their logs; the logs may be in any order. */
  firstCounter: number | undefined
  lastCounter: number | undefined
  firstTimeMs: number | undefined
  lastTimeMs: number | undefined
  /** Counters are missing between existing ones. */
  hasGaps: boolean
  /** Number of the transaction whose finish has the highest counter. */
  lastFinished: number | undefined
  /** 64 hex digits. */
  serial: string | undefined
  algorithm: string | undefined
  /**
   * Zeros follow the last file, as in every tar. Some units write none; without them a truncation cannot be detected.
   */
  hasEnd: boolean
  /** The text of info.csv. */
  info: string | undefined
  certificates: number
  /** The certificate of its key, or info.csv, marks the unit as not certified. */
  uncertified: boolean
  /** The first 20. */
  findings: readonly TarFinding[]
  findingCount: number
}

export type LogKinds = { starts: number; finishes: number; updates: number; others: number }

export type TarExpectation = {
  /** The archive was made with a filter: counters may have gaps. */
  filtered?: boolean
  /** The archive's certificates, from `certificatesAhead`: logs before their certificate then need not wait for it. */
  certificates?: readonly Uint8Array[]
  /** Language of the findings; default English. */
  language?: TarLanguage
  /** Signatures that this run found right: they are not verified again. */
  known?: RightSignatures | undefined
}

const FINDINGS_KEPT = 20
const CERTIFICATES_MAX = 32
/** Limit for logs that wait for a later certificate; a whole archive in the wrong order is refused. */
const WAITING_MAX = 4096
/**
 * Limit for remembered gaps between counters, several megabytes; an archive in the order of its counters has no gaps.
 */
const RUNS_MAX = 65_536
const COUNTER_RULE = 'TR-03153-1 §9.2'
/** Signatures checked in parallel, on the thread pool. */
const PARALLEL_MAX = 2

const KIND_OF = { Start: 'starts', Update: 'updates', Finish: 'finishes', other: 'others' } as const

type Facts = Readonly<Record<string, string | number>>
type Waiting = { file: string; log: LogMessage }
type Checked = { file: string; isRight: Promise<boolean> }
/** Without `x509` the key comes from a card-verifiable certificate. */
type Certificate = { x509: X509Certificate | undefined; key: KeyObject; serial: string }
type Signer = Certificate & { file: string }

/**
 * Verifies a TSE archive by the authorities' own rules: names, contents, signatures, counters, serial number and
 * certificates (TR-03151 §5, App. C; TR-03153-1 §5.2). Memory is flat. Never throws for the content of the archive.
 */
export async function verifyTar(
  chunks: AsyncIterable<Uint8Array>,
  expectation: TarExpectation = {},
): Promise<TarReport> {
  const check = new ArchiveCheck(expectation)
  try {
    for await (const entry of readTar(chunks, () => check.end())) await check.entry(entry)
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error
    check.find('', 'unreadable', 'POSIX.1-1988 ustar', { why: error.message })
  }
  return await check.report()
}

/**
 * Reads the certificates of an archive in a first pass: in an unordered archive more logs may precede theirs than can
 * wait for it. Never throws for the content of the archive.
 */
export async function certificatesAhead(chunks: AsyncIterable<Uint8Array>): Promise<readonly Uint8Array[]> {
  const found: Uint8Array[] = []
  try {
    for await (const { name, content } of readTar(chunks))
      if (content && isCertificateFileName(name)) found.push(...certificateChain(content))
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error
  }
  return found.slice(0, CERTIFICATES_MAX)
}

class ArchiveCheck {
  readonly #filtered: boolean
  readonly #language: TarLanguage
  readonly #known: RightSignatures | undefined
  readonly #findings: TarFinding[] = []
  readonly #certificates: Certificate[] = []
  #findingCount = 0
  #graveCount = 0
  #checked: Checked[] = []
  readonly #counters = new NumberSpans(RUNS_MAX)
  /** Counters of audit logs. */
  readonly #audits = new Set<number>()
  #lowest: LogMessage | undefined
  #highest: LogMessage | undefined
  #lastFinish: LogMessage | undefined
  /** By the serial number of their key, 64 hex digits. */
  readonly #signers = new Map<string, Signer>()
  #waiting: Waiting[] = []
  #logs = 0
  readonly #kinds: LogKinds = { starts: 0, finishes: 0, updates: 0, others: 0 }
  /** The first log in the file: all others must have the same key. */
  #first: LogMessage | undefined
  #info: string | undefined
  #hasEnd = false

  constructor({ filtered = false, certificates = [], language = 'en', known }: TarExpectation) {
    this.#filtered = filtered
    this.#language = language
    this.#known = known
    for (const certificate of certificates.map(parseCertificate))
      if (certificate) this.#signers.set(certificate.serial, { ...certificate, file: '' })
  }

  async entry({ name, content, flaw }: TarEntry): Promise<void> {
    if (flaw) this.#mark(name, 'packed', 'TR-03151 §5', { why: flaw })
    if (!content) return
    if (name === INFO_FILE_NAME) this.#readInfo(name, content)
    else if (isCertificateFileName(name)) this.#readCertificate(name, content)
    else if (name.endsWith('.log')) this.#readLog(name, content)
    else this.#mark(name, 'alien', 'TR-03153-1 §5.2')
    await this.#settle(PARALLEL_MAX)
  }

  /** Adds a flaw that leaves something unproven. */
  find(file: string, flaw: TarFlaw, rule: string, facts?: Facts): void {
    this.#graveCount += 1
    this.#mark(file, flaw, rule, facts)
  }

  /** Adds a deviation from the rules that hides or damages no log. */
  #mark(file: string, flaw: TarFlaw, rule: string, facts: Facts = {}): void {
    this.#findingCount += 1
    if (this.#findings.length >= FINDINGS_KEPT) return
    this.#findings.push({ file, what: tarText(flaw, this.#language, facts), rule })
  }

  end(): void {
    this.#hasEnd = true
  }

  async report(): Promise<TarReport> {
    await this.#settle(0)
    this.#finish()
    return {
      valid: this.#findingCount === 0,
      sound: this.#graveCount === 0,
      logs: this.#logs,
      kinds: this.#kinds,
      firstCounter: this.#lowest?.counter,
      lastCounter: this.#highest?.counter,
      firstTimeMs: this.#lowest?.time.ms,
      lastTimeMs: this.#highest?.time.ms,
      hasGaps: this.#counters.gaps().length > 0,
      lastFinished: this.#lastFinish?.transaction,
      serial: this.#first && Buffer.from(this.#first.serial).toString('hex'),
      algorithm: this.#first?.algorithm,
      hasEnd: this.#hasEnd,
      info: this.#info,
      certificates: this.#certificates.length,
      uncertified: this.#isUncertified(),
      findings: this.#findings,
      findingCount: this.#findingCount,
    }
  }

  #isUncertified(): boolean {
    const der = this.#first && this.#signers.get(Buffer.from(this.#first.serial).toString('hex'))?.x509?.raw
    return (der !== undefined && isUncertified(der)) || this.#info?.includes(UNCERTIFIED) === true
  }

  #readInfo(name: string, content: Uint8Array): void {
    if (this.#info !== undefined) this.#mark(name, 'info_twice', 'TR-03151 App. C')
    this.#info = Buffer.from(content).toString('utf8')
  }

  #readCertificate(name: string, content: Uint8Array): void {
    const parsed = certificateChain(content).map(parseCertificate)
    const [first] = parsed
    if (!first || parsed.includes(undefined) || this.#certificates.length + parsed.length > CERTIFICATES_MAX)
      this.#mark(name, 'certificates', 'TR-03151 App. C', { most: CERTIFICATES_MAX })
    const isNamed = name === CHAIN_FILE_NAME || (first && name.toLowerCase().startsWith(first.serial))
    if (first && !isNamed) this.#mark(name, 'certificate_name', 'TR-03151 App. C')
    for (const certificate of parsed) {
      if (certificate === undefined || this.#certificates.length >= CERTIFICATES_MAX) continue
      this.#certificates.push(certificate)
      const isKnown = certificate.x509 === undefined && this.#signers.has(certificate.serial)
      if (!isKnown) this.#signers.set(certificate.serial, { ...certificate, file: name })
    }
    const waiting = this.#waiting
    this.#waiting = []
    for (const { file, log } of waiting) this.#checkSignature(file, log)
  }

  #readLog(name: string, content: Uint8Array): void {
    const log = this.#parsed(name, content)
    if (!log) return
    this.#logs += 1
    if (!nameFitsLog(name, log)) this.#mark(name, 'name_differs', 'TR-03151 App. C', { name: nameOfLog(log) })
    this.#first ??= log
    this.#count(name, log)
    this.#checkSignature(name, log)
  }

  #parsed(name: string, content: Uint8Array): LogMessage | undefined {
    try {
      return parseLogMessage(content)
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error
      this.find(name, 'unreadable', 'TR-03151 §2, App. E', { why: error.message })
      return undefined
    }
  }

  #count(name: string, log: LogMessage): void {
    if (this.#first && !Buffer.from(log.serial).equals(this.#first.serial)) {
      this.find(name, 'key_differs', 'TR-03153-1 §5.2')
      return
    }
    if (log.kind === 'Aud' && this.#audits.size < RUNS_MAX) this.#audits.add(log.counter)
    const added = this.#counters.add(log.counter, log.counter, name)
    if (added === 'twice') this.find(name, 'counter_twice', COUNTER_RULE, { counter: log.counter })
    if (added === 'lost') this.find(name, 'gaps_lost', COUNTER_RULE)
    if (log.counter < (this.#lowest?.counter ?? Number.POSITIVE_INFINITY)) this.#lowest = log
    if (log.counter > (this.#highest?.counter ?? -1)) this.#highest = log
    const operation = transactionOperation(log)
    this.#kinds[KIND_OF[operation ?? 'other']] += 1
    const isFinish = operation === 'Finish'
    if (isFinish && log.counter > (this.#lastFinish?.counter ?? -1)) this.#lastFinish = log
  }

  #checkSignature(name: string, log: LogMessage): void {
    const signer = this.#signers.get(Buffer.from(log.serial).toString('hex'))
    if (!signer) {
      if (this.#waiting.length < WAITING_MAX) this.#waiting.push({ file: name, log })
      else this.find(name, 'certificate_late', 'TR-03151 App. C')
      return
    }
    const { algorithm, signedPart, signature } = log
    const isRight =
      this.#known?.verifyAside(signer.key, algorithm, signedPart, signature) ??
      verifyPlainAside(signer.key, algorithm, signedPart, signature)
    this.#checked.push({ file: name, isRight })
  }

  /** A failed signature also uses a counter: the audit log after it explains such a gap. */
  #findGap({ from, to, file }: NumberGap): void {
    if (this.#audits.has(to + 1)) this.#mark(file, 'counters_explained', COUNTER_RULE, { from, to })
    else this.find(file, 'counters_missing', COUNTER_RULE, { from, to })
  }

  /** Waits for signatures, in order, until only that many are left. */
  async #settle(left: number): Promise<void> {
    while (this.#checked.length > left) {
      const oldest = this.#checked.shift()
      if (oldest !== undefined && !(await oldest.isRight)) this.find(oldest.file, 'signature_wrong', 'TR-03151 §2.4')
    }
  }

  #finish(): void {
    if (this.#info === undefined) this.#mark(INFO_FILE_NAME, 'info_missing', 'TR-03151 App. C')
    if (this.#logs === 0) this.find('', 'no_log', 'TR-03151 §5')
    if (!this.#filtered) for (const gap of this.#counters.gaps()) this.#findGap(gap)
    const [unproven] = this.#waiting
    const leaf = this.#first && this.#signers.get(Buffer.from(this.#first.serial).toString('hex'))
    if (!leaf || unproven) {
      const leaves = [...this.#signers.values()].filter(({ x509 }) => x509?.ca !== true)
      const [other] = leaves
      if (other) this.find(other.file, 'serial_differs', 'TR-03153-1 §9.3.2')
      else this.find(unproven?.file ?? '', 'certificate_missing', 'TR-03151 App. C')
      if (!leaf) return
    }
    this.#checkIssuer(leaf)
  }

  #checkIssuer({ x509, file }: Signer): void {
    const all = this.#certificates.flatMap(({ x509: certificate }) => certificate ?? [])
    const why = x509 && chainFlaw(x509, all)
    if (x509 === undefined) this.#mark(file, 'issuer_unchecked', 'TR-03153-1 §5.2')
    else if (why !== undefined) this.#mark(file, 'issuer', 'TR-03153-1 §5.2', { why })
  }
}

/** PEM or DER, one certificate or several; any other content is returned unchanged. */
function certificateChain(content: Uint8Array): readonly Uint8Array[] {
  try {
    const found = certificatesOf(content)
    return found.length > 0 ? found : [content]
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error
    return [content]
  }
}

function parseCertificate(content: Uint8Array): Certificate | undefined {
  try {
    const x509 = isCvc(content) ? undefined : readCertificate(content)
    const point = x509 === undefined ? pointOfCvc(content) : pointOfCertificate(x509).point
    return { x509, key: findCurve(point).key, serial: serialOfPoint(point).toString('hex') }
  } catch {
    return undefined
  }
}
