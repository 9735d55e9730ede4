import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { Command } from 'commander'
import { takeLowestPriority } from '../../base/lowest-priority.ts'
import { visible } from '../../base/text.ts'
import { certificatesAhead, verifyTar } from '../../verify/tse/verify-tar.ts'
import { describeFailure } from '../failure.ts'
import type { Common } from './arguments/options.ts'
import { jsonOption, UsageError } from './arguments/options.ts'
import { print, printJson, styled } from './terminal/output.ts'
import { isCode, judgeCodes } from './verify/codes.ts'
import { rksvBeside, rksvCodes, rksvFindings } from './verify/rksv.ts'
import type { Summary } from './verify/summaries.ts'
import { archiveSummary, dep7Summary, further, journalSummary, packageSummary } from './verify/summaries.ts'
import type { Verdict } from './verify/verdict.ts'

type Options = Common & { filtered?: boolean; partial?: boolean; material?: string; passphraseFile?: string }

const OF_A_PART: Summary = {
  en: 'an archive of one register or of a range of time lacks what lies between: check it with --filtered',
  de: 'Einem Archiv einer Kasse oder eines Zeitraums fehlt, was dazwischen liegt: mit --filtered prüfen.',
}
const ODD_BUT_SOUND: Summary = {
  en: 'all logs are signed by the key of the archive, and every gap has its audit log: only names and wrapping are against the rules',
  de: 'Alle Absicherungen sind mit dem Schlüssel des Archivs signiert, und jede Lücke hat ihre Audit-Meldung: nur Namen und Verpackung entsprechen nicht der Norm.',
}
const QR_FILE_LIMIT_BYTES = 4 * 1024 * 1024
/** Where a POSIX archive says `ustar` (POSIX.1-1988). */
const TAR_MAGIC_OFFSET = 257
/** How a ZIP begins, also one without entries (APPNOTE 4.3.7, 4.3.16). */
const ZIP_MAGICS = ['PK\x03\x04', 'PK\x05\x06']
const SHOWN = 80
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
    .option('--passphrase-file <file>', 'of a backup: also check its seal')
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

function show({ file, valid, summary, findings, notes = [] }: Verdict): void {
  print(`${valid ? styled('green', '✔') : styled('red', '✖')} ${styled('bold', visible(file))}  ${visible(summary)}`)
  for (const finding of [...findings, ...notes]) print(`    ${visible(finding)}`)
}

/** Verdicts over a file, several if it contains several codes. `language`: of summaries and coded findings. Never throws. */
export async function verify(
  file: string,
  options: Pick<Options, 'filtered' | 'partial' | 'material' | 'passphraseFile'>,
  language: keyof Summary = 'en',
): Promise<Verdict[]> {
  try {
    // A text of codes is no name of a file, however much is missing of it.
    if (isCode(file)) return await checkCodes(file, `${file.trim().slice(0, SHOWN)}…`, options)
    const start = await beginning(file)
    if (start.toString('latin1', TAR_MAGIC_OFFSET, TAR_MAGIC_OFFSET + 5) === 'ustar')
      return [await checkArchive(file, options.filtered ?? false, language)]
    if (ZIP_MAGICS.includes(start.toString('latin1', 0, 4))) return [await checkPackage(file, language)]
    if (start[0] === 0x1f && start[1] === 0x8b) return [await checkBackup(file, options.passphraseFile)]
    if (isCode(start.toString('utf8'))) return await checkCodes(await codesIn(file), file, options)
    if (DEP7_START.test(start.toString('utf8'))) return [await checkDep7(file, options, language)]
    if (start.toString('utf8', 0, 1) === '{') return [await checkJournal(file, options.partial, language)]
    return [
      {
        file,
        kind: 'unknown',
        valid: false,
        summary: 'neither a TSE archive, the text of a code, a DEP7, a DSFinV-K package, a journal export nor a backup',
        findings: [],
        uncertified: [],
      },
    ]
  } catch (error) {
    return [{ file, kind: 'unknown', valid: false, summary: describeFailure(error), findings: [], uncertified: [] }]
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

async function checkArchive(file: string, filtered: boolean, language: keyof Summary): Promise<Verdict> {
  const certificates = await certificatesAhead(createReadStream(file))
  const report = await verifyTar(createReadStream(file), { filtered, certificates, language })
  const findings = report.findings.map(
    (finding) => `${finding.file === '' ? file : finding.file}: ${finding.what} (${finding.rule})`,
  )
  findings.push(...further(report.findingCount - findings.length, language))
  if (report.hasGaps && !filtered) findings.push(OF_A_PART[language])
  if (report.sound && !report.valid) findings.push(ODD_BUT_SOUND[language])
  const uncertified = report.uncertified ? [report.serial ?? ''] : []
  const summary = archiveSummary(report)[language]
  return { file, kind: 'tse_tar', valid: report.valid, summary, findings, uncertified }
}

async function checkPackage(file: string, language: keyof Summary): Promise<Verdict> {
  const { verifyDsfinvk } = await import('../laws/germany/dsfinvk/check/verify.ts')
  const { describeFinding } = await import('../laws/germany/dsfinvk/finding.ts')
  const report = await verifyDsfinvk(file)
  const findings = report.findings.map(describeFinding)
  findings.push(...further(report.findingCount - findings.length, language))
  const { valid, uncertified } = report
  return { file, kind: 'dsfinvk', valid, summary: packageSummary(report)[language], findings, uncertified }
}

async function codesIn(file: string): Promise<string> {
  const handle = await open(file)
  try {
    if ((await handle.stat()).size > QR_FILE_LIMIT_BYTES) throw new UsageError('Too large for a list of codes')
    return await handle.readFile('utf8')
  } finally {
    await handle.close()
  }
}

async function checkCodes(text: string, name: string, { material }: Pick<Options, 'material'>): Promise<Verdict[]> {
  let known: ReturnType<typeof rksvBeside> | undefined
  const verdicts = await judgeCodes(text, () => (known ??= rksvBeside(material)))
  const nameOf = (line: number): string => (verdicts.length === 1 ? name : `${name}:${line}`)
  return verdicts.map(({ line, ...verdict }) => ({ file: nameOf(line), kind: 'qr', ...verdict }))
}

async function checkJournal(file: string, partial: boolean | undefined, language: keyof Summary): Promise<Verdict> {
  const { verifyChains } = await import('../journal/verify/chains.ts')
  const { describeBooks } = await import('../journal/books/findings.ts')
  const { suspectTexts } = await import('../journal/verify/suspect-spans.ts')
  const report = await verifyChains(createReadStream(file), { partial })
  const { epoch, signed, findings, codes, suspect } = report
  const valid = report.valid && (codes ?? []).every(({ level }) => level === 'note')
  // Each epoch counts from 1.
  const ofEpoch = epoch > 1 ? ` of epoch ${epoch}` : ''
  const sentences = findings.map(({ seq, rule, what }) => {
    const remedy = rule === 'public_key' ? ': of a part --partial checks the chain alone' : ''
    return `seq ${seq}${ofEpoch}: ${what} (${rule})${remedy}`
  })
  const summary = journalSummary({ ...report, isUnsignedPart: report.valid && !signed })[language]
  sentences.push(...(codes ?? []).map((finding) => describeBooks(finding, language)))
  const notes = suspect === undefined ? [] : suspectTexts(suspect)
  const found = { findings: sentences, ...(codes !== undefined && { codes }), ...(notes.length > 0 && { notes }) }
  return { file, kind: 'journal', valid, summary, ...found, uncertified: [] }
}

async function checkBackup(file: string, passphraseFile: string | undefined): Promise<Verdict> {
  const { examineBackup } = await import('../backup/examine.ts')
  const { readPassphrase } = await import('./terminal/passphrase.ts')
  const passphrase = passphraseFile === undefined ? undefined : await readPassphrase(passphraseFile, '')
  const { header, report, isNamed, isSealed, isSealRemoved, archives, absent } = await examineBackup(file, passphrase)
  const lacking = absent.map((name) => `archive ${name} of a TSE: its .archive file is not beside it, or was changed`)
  const broken = report.findings.map(({ seq, rule, what }) => `seq ${seq}: ${what} (${rule})`)
  const { describeBooks } = await import('../journal/books/findings.ts')
  const { codes = [] } = report
  const isConsistent = codes.every(({ level }) => level === 'note')
  const misnamed = report.valid && !isNamed ? ['its first line names another journal than it holds'] : []
  const unsealed = isSealRemoved ? ['its seal was removed after it was made: nobody vouches for this journal'] : []
  const told = codes.map((finding) => describeBooks(finding, 'en'))
  const findings = [...broken, ...misnamed, ...unsealed, ...told, ...lacking]
  const keys = header?.secrets === null ? 'without keys' : 'keys under a passphrase'
  const signature = report.signed ? 'signature of the head ✔' : 'signature of the head ✖'
  const isWithout = header?.secrets === null || isSealRemoved
  const seal = isWithout ? 'no seal' : isSealed ? 'seal ✔' : 'seal not checked: --passphrase-file'
  const summary = `backup of ${header?.made_at}, ${report.events} events, epoch ${report.epoch}, ${keys}, ${signature}, ${seal}`
  const held = archives === 0 ? summary : `${summary}, ${archives - absent.length} of ${archives} archives of TSEs`
  const valid = report.valid && isNamed && isConsistent && !isSealRemoved && absent.length === 0
  return { file, kind: 'backup', valid, summary: held, findings, uncertified: [] }
}

async function checkDep7(file: string, { material, partial }: Options, language: keyof Summary): Promise<Verdict> {
  const { verifyDep7 } = await import('../../verify/rksv/verify-dep7.ts')
  const report = await verifyDep7(createReadStream(file), {
    ...(await rksvBeside(material)),
    partial: partial ?? false,
  })
  const { valid, uncertified } = report
  const summary = dep7Summary(report)[language]
  const found = { findings: rksvFindings(report, true), codes: rksvCodes(report) }
  return { file, kind: 'dep7', valid, summary, ...found, uncertified }
}
