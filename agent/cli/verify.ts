import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { Command } from 'commander'
import { verifyQr } from '../../drivers/tr03151/qr.ts'
import { certificatesAhead, verifyTar } from '../../drivers/tr03151/verify-tar.ts'
import { systemClock } from '../clock.ts'
import { describeFailure } from '../failure.ts'
import { takeLowestPriority } from '../lowest-priority.ts'
import { formatCents } from '../money.ts'
import type { Dep7Report } from '../regimes/rksv/verify-dep7.ts'
import { visible } from '../text.ts'
import type { Common } from './arguments/options.ts'
import { jsonOption, UsageError } from './arguments/options.ts'
import { print, printJson, styled } from './terminal/output.ts'
import type { Verdict } from './verify/verdict.ts'

type Options = Common & { filtered?: boolean; partial?: boolean; material?: string }

const OF_A_PART = 'an archive of one register or of a range of time lacks what lies between: check it with --filtered'
const ODD_BUT_SOUND =
  'all logs are signed by the key of the archive, and every gap has its audit log: only names and wrapping are against the rules'
const NOT_CHECKED = 'its signature was not checked: give the certificate of its unit with --material'
const QR_FILE_LIMIT_BYTES = 4 * 1024 * 1024
/** Where a POSIX archive says `ustar` (POSIX.1-1988). */
const TAR_MAGIC_OFFSET = 257
/** How a ZIP begins, also one without entries (APPNOTE 4.3.7, 4.3.16). */
const ZIP_MAGICS = ['PK\x03\x04', 'PK\x05\x06']
const SHOWN = 80
/** How a code begins: DSFinV-K Anhang I, RKSV Anlage Z 12. */
const GERMAN_CODE = 'V0;'
const AUSTRIAN_CODE = '_R1-'
/** How a Datenerfassungsprotokoll begins (RKSV Anlage Z 3). */
const DEP7_START = /^\s*\{\s*"Belege-Gruppe"/

export function verifyCommand(): Command {
  return new Command('verify')
    .description(
      "verifies a TSE archive, the text of a receipt's code, a DEP7 file, a DSFinV-K package, a journal export or a backup",
    )
    .argument('<file...>', 'files, or the text of a code itself (V0;… or _R1-AT…)')
    .option('--filtered', 'the TSE archive was made with a filter: its counters may have gaps')
    .option(
      '--material <file>',
      'of a DEP7 or an Austrian code: what `export rksv_crypto` wrote, or the certificate of the unit',
    )
    .option(
      '--partial',
      'a part of a DEP7, without its Startbeleg, or of a journal: of this its chain alone is checked',
    )
    .addOption(jsonOption())
    .action(async (files: string[], options: Options) => {
      takeLowestPriority()
      const verdicts: Verdict[] = []
      for (const file of files) verdicts.push(...(await verify(file, options)))
      const { verifyTogether } = await import('./verify/together.ts')
      verdicts.push(...(await verifyTogether(verdicts, options)))
      if (options.json) printJson(verdicts)
      else for (const verdict of verdicts) show(verdict)
      if (verdicts.some((verdict) => !verdict.valid)) process.exitCode = 1
    })
}

function show({ file, valid, summary, findings }: Verdict): void {
  print(`${valid ? styled('green', '✔') : styled('red', '✖')} ${styled('bold', visible(file))}  ${visible(summary)}`)
  for (const finding of findings) print(`    ${visible(finding)}`)
}

/** Verdicts over a file, several where it holds several codes. Never throws. */
export async function verify(
  file: string,
  options: Pick<Options, 'filtered' | 'partial' | 'material'>,
): Promise<Verdict[]> {
  try {
    if (isCode(file)) return await checkCodes([{ text: file, name: `${file.slice(0, SHOWN)}…` }], options)
    const start = await beginning(file)
    if (start.toString('latin1', TAR_MAGIC_OFFSET, TAR_MAGIC_OFFSET + 5) === 'ustar')
      return [await checkArchive(file, options.filtered ?? false)]
    if (ZIP_MAGICS.includes(start.toString('latin1', 0, 4))) return [await checkPackage(file)]
    if (start[0] === 0x1f && start[1] === 0x8b) return [await checkBackup(file)]
    if (isCode(start.toString('utf8'))) return await checkCodes(await codesIn(file), options)
    if (DEP7_START.test(start.toString('utf8'))) return [await checkDep7(file, options)]
    if (start.toString('utf8', 0, 1) === '{') return [await checkJournal(file, options)]
    return [
      {
        file,
        kind: 'unknown',
        valid: false,
        summary: 'neither a TSE archive, the text of a code, a DEP7, a DSFinV-K package, a journal export nor a backup',
        findings: [],
      },
    ]
  } catch (error) {
    return [{ file, kind: 'unknown', valid: false, summary: describeFailure(error), findings: [] }]
  }
}

async function beginning(file: string): Promise<Buffer> {
  const handle = await open(file)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(512), 0, 512, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

async function checkArchive(file: string, filtered: boolean): Promise<Verdict> {
  const certificates = await certificatesAhead(createReadStream(file))
  const report = await verifyTar(createReadStream(file), { filtered, certificates })
  const findings = report.findings.map(
    (finding) => `${finding.file === '' ? file : finding.file}: ${finding.what} (${finding.rule})`,
  )
  if (report.findingCount > findings.length) findings.push(`and ${report.findingCount - findings.length} more`)
  if (report.hasGaps && !filtered) findings.push(OF_A_PART)
  if (report.sound && !report.valid) findings.push(ODD_BUT_SOUND)
  const counters =
    report.logs === 0 ? 'no logs' : `${report.logs} logs, counters ${report.firstCounter} to ${report.lastCounter}`
  const end = report.hasEnd ? '' : ', without an end mark: it may be cut, unless the unit writes none'
  const summary = `TSE archive, ${counters}, serial ${report.serial?.slice(0, 16) ?? 'unknown'}…${end}`
  return { file, kind: 'tse_tar', valid: report.valid, summary, findings }
}

async function checkPackage(file: string): Promise<Verdict> {
  const { verifyDsfinvk } = await import('../regimes/kassensichv/dsfinvk/check/verify.ts')
  const { describeFinding } = await import('../regimes/kassensichv/dsfinvk/finding.ts')
  const report = await verifyDsfinvk(file)
  const findings = report.findings.map(describeFinding)
  if (report.findingCount > findings.length) findings.push(`and ${report.findingCount - findings.length} more`)
  const { ranges, bons, signatures, unsigned } = report
  const summary = `DSFinV-K, ${ranges.join(', ')}, ${bons} bons, ${signatures} signatures, ${unsigned} unsigned`
  return { file, kind: 'dsfinvk', valid: report.valid, summary, findings }
}

/** True for the text of a receipt's code, German or Austrian. */
function isCode(text: string): boolean {
  return text.startsWith(GERMAN_CODE) || text.startsWith(AUSTRIAN_CODE)
}

type Code = { text: string; name: string }

async function codesIn(file: string): Promise<Code[]> {
  const handle = await open(file)
  try {
    if ((await handle.stat()).size > QR_FILE_LIMIT_BYTES) throw new UsageError('Too large for a list of codes')
    const lines = (await handle.readFile('utf8')).split('\n').filter((line) => line.trim() !== '')
    const nameOf = (index: number) => (lines.length === 1 ? file : `${file}:${index + 1}`)
    return lines.map((line, index) => ({ text: line.trim(), name: nameOf(index) }))
  } finally {
    await handle.close()
  }
}

async function checkCodes(codes: readonly Code[], { material }: Pick<Options, 'material'>): Promise<Verdict[]> {
  const isAustrian = ({ text }: Code) => text.startsWith(AUSTRIAN_CODE)
  if (!codes.some(isAustrian)) return codes.map(checkQr)
  const beside = await known(material)
  const verdicts: Verdict[] = []
  for (const code of codes) verdicts.push(isAustrian(code) ? await checkAustrian(code, beside) : checkQr(code))
  return verdicts
}

async function checkAustrian({ text, name }: Code, beside: Awaited<ReturnType<typeof known>>): Promise<Verdict> {
  const { verifyCode } = await import('../regimes/rksv/verify-code.ts')
  const report = await verifyCode(text, beside)
  if (!report?.first)
    return { file: name, kind: 'qr', valid: false, summary: 'no code of an Austrian receipt', findings: told(report) }
  const { cashBoxId, first, signaturesVerified, outageReceipts, valid, turnoverCents } = report
  const unchecked = outageReceipts > 0 ? 'of an outage, not signed' : NOT_CHECKED
  const signed = signaturesVerified > 0 ? 'signed by the given unit' : unchecked
  const counter = turnoverCents === undefined ? '' : `, counter ${formatCents(turnoverCents)}`
  const summary = `code of register ${cashBoxId}, receipt ${first.number} of ${first.stamp}, ${signed}${counter}`
  return { file: name, kind: 'qr', valid, summary, findings: told(report) }
}

function checkQr({ text, name }: Code): Verdict {
  const { valid, fields, findings } = verifyQr(text)
  const summary =
    fields === undefined
      ? 'no QR text of a German receipt'
      : `QR code, client ${fields.clientId}, transaction ${fields.transaction}, counter ${fields.signatureCounter}, ${fields.processData}`
  return { file: name, kind: 'qr', valid, summary, findings }
}

async function checkJournal(file: string, { partial }: Pick<Options, 'partial'>): Promise<Verdict> {
  const { verifyChains } = await import('../journal/verify/chains.ts')
  const { describeBooks } = await import('../journal/books/findings.ts')
  const report = await verifyChains(createReadStream(file), { partial })
  const { events, firstSeq, lastSeq, epoch, signed, findings, codes = [] } = report
  const valid = report.valid && codes.every(({ level }) => level === 'note')
  // Each epoch counts from 1.
  const ofEpoch = epoch > 1 ? ` of epoch ${epoch}` : ''
  const sentences = findings.map(({ seq, rule, what }) => {
    const mend = rule === 'public_key' ? ': of a part --partial checks the chain alone' : ''
    return `seq ${seq}${ofEpoch}: ${what} (${rule})${mend}`
  })
  const unsigned =
    report.valid && !signed ? ', a part: its signature is not checked, the key stands where the chain begins' : ''
  const range = events > lastSeq - firstSeq + 1 ? `up to seq ${lastSeq}` : `seq ${firstSeq} to ${lastSeq}`
  const summary = `journal export, ${events} events, ${range}${ofEpoch}${unsigned}`
  sentences.push(...codes.map((finding) => describeBooks(finding, 'en')))
  return { file, kind: 'journal', valid, summary, findings: sentences }
}

async function checkBackup(file: string): Promise<Verdict> {
  const { examineBackup } = await import('../backup/examine.ts')
  const { header, report, isNamed, archives, absent } = await examineBackup(file)
  const lacking = absent.map((name) => `archive ${name} of a TSE: its .archive file is not beside it, or was changed`)
  const broken = report.findings.map(({ seq, rule, what }) => `seq ${seq}: ${what} (${rule})`)
  const { describeBooks } = await import('../journal/books/findings.ts')
  const { codes = [] } = report
  const isConsistent = codes.every(({ level }) => level === 'note')
  const misnamed = report.valid && !isNamed ? ['its first line names another journal than it holds'] : []
  const told = codes.map((finding) => describeBooks(finding, 'en'))
  const findings = [...broken, ...misnamed, ...told, ...lacking]
  const keys = header?.secrets === null ? 'without keys' : 'keys under a passphrase'
  const summary = `backup of ${header?.made_at}, ${report.events} events, epoch ${report.epoch}, ${keys}`
  const held = archives === 0 ? summary : `${summary}, ${archives - absent.length} of ${archives} archives of TSEs`
  const valid = report.valid && isNamed && isConsistent && absent.length === 0
  return { file, kind: 'backup', valid, summary: held, findings }
}

/**
 * The latest time that a receipt may bear by now: as the receipts of a DEP7 write it, from the zone data base and from none
 * of the code that wrote them. In the hour that comes twice they bear times up to the end of its first run.
 */
function latestAustrianTime(atMs: number): string {
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone: 'Europe/Vienna',
    dateStyle: 'short',
    timeStyle: 'medium',
  })
  const stampAt = (ms: number) => format.format(ms).replace(' ', 'T')
  const [now, hourAgo] = [stampAt(atMs), stampAt(atMs - 3_600_000)]
  return now === hourAgo ? `${now.slice(0, 13)}:59:59` : now
}

/** What an Austrian file or code is checked with beside itself. */
async function known(material: string | undefined) {
  const { readMaterial } = await import('./verify/rksv-material.ts')
  const now = latestAustrianTime(systemClock.now())
  return { ...(material === undefined ? {} : await readMaterial(material)), now }
}

function told(report: Dep7Report | undefined): readonly string[] {
  if (!report) return ['13 elements behind the first _ were expected']
  const findings = report.findings.map(
    ({ id, level, position, number, message }) => `receipt ${position} (${number}): ${message} (${id}, ${level})`,
  )
  if (report.findingsTotal > findings.length) findings.push(`and ${report.findingsTotal - findings.length} more`)
  return findings
}

async function checkDep7(file: string, { material, partial }: Options): Promise<Verdict> {
  const { verifyDep7 } = await import('../regimes/rksv/verify-dep7.ts')
  const report = await verifyDep7(createReadStream(file), { ...(await known(material)), partial: partial ?? false })
  const counts = `${report.receipts} receipts, ${report.signaturesVerified} signatures, ${report.outageReceipts} in outages`
  const counter = report.turnoverCents === undefined ? '' : `, counter ${formatCents(report.turnoverCents)}`
  const summary = `DEP7 of register ${report.cashBoxId ?? 'unknown'}, ${counts}${counter}`
  return { file, kind: 'dep7', valid: report.valid, summary, findings: told(report) }
}
