import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { Command } from 'commander'
import { takeLowestPriority } from '../../base/lowest-priority.ts'
import { visible } from '../../base/text.ts'
import { describeFailure } from '../failure.ts'
import type { Restore } from '../journal/books/restores.ts'
import type { ExportReader } from '../journal/verify/chains.ts'
import type { SuspectSpans } from '../journal/verify/suspect-spans.ts'
import { LAWS } from '../laws/laws.ts'
import type { Given, Summary, Verdict } from '../laws/verify-rules.ts'
import type { Common } from './arguments/options.ts'
import { jsonOption, UsageError } from './arguments/options.ts'
import { beginning, isBackup } from './files/beginning.ts'
import { print, printJson, styled } from './terminal/output.ts'
import { isCode, judgeCodes } from './verify/codes.ts'
import { journalSummary } from './verify/summaries.ts'

type Options = Common & Given & { passphraseFile?: string }
/** `reader`: of a journal. */
type FileOptions = Given & Pick<Options, 'passphraseFile'> & { reader?: ExportReader }
type Noted = { readonly restores: readonly Restore[]; readonly suspect: SuspectSpans | undefined }

const QR_FILE_LIMIT_BYTES = 4 * 1024 * 1024
const SHOWN = 80
const CHECKERS = LAWS.flatMap(({ verify }) => verify?.files ?? [])

export function verifyCommand(): Command {
  return new Command('verify')
    .description(
      "verify a TSE archive, the text of a receipt's code, a DEP7 file, a DSFinV-K package, a journal export or a backup",
    )
    .argument('<file...>', 'files, or the text of a code itself (V0;… or _R1-AT…)')
    .option('--filtered', 'the TSE archive was made with a filter: its counters may have gaps')
    .option('--material <file>', LAWS.flatMap(({ verify }) => verify?.material ?? []).join('; '))
    .option(
      '--partial',
      'the file is a part of a DEP7 without its Startbeleg, or of a journal: then only the chain is checked',
    )
    .option('--passphrase-file <file>', 'for a backup: also check its seal')
    .option('--config <file>', 'accepted as by other commands, and not read: a file is verified on any machine')
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
  print(`${valid ? styled('green', '✔') : styled('red', '✖')} ${styled('bold', file)}  ${summary}`)
  for (const finding of [...findings, ...notes]) print(`    ${finding}`)
}

/** Files of laws have no Italian. */
type Language = keyof Summary | 'it'

/** The verdicts on a file: one, or one for each code in it. `language`: of summaries and coded findings. Never throws. */
export async function verify(file: string, options: FileOptions, language: Language = 'en'): Promise<Verdict[]> {
  return (await verdictsOn(file, options, language)).map(onOneLine)
}

/** Texts in a file are another's: none of them can end the line of a finding. */
function onOneLine({ summary, findings, notes, ...verdict }: Verdict): Verdict {
  return {
    ...verdict,
    summary: visible(summary),
    findings: findings.map(visible),
    ...(notes !== undefined && { notes: notes.map(visible) }),
  }
}

async function verdictsOn(file: string, options: FileOptions, language: Language): Promise<Verdict[]> {
  try {
    // A text that begins like a code is not a file name, even if the code is incomplete.
    if (isCode(file)) return await checkCodes(file, `${file.trim().slice(0, SHOWN)}…`, options)
    const start = await beginning(file)
    const checker = CHECKERS.find(({ recognizes }) => recognizes(start))
    if (checker !== undefined)
      return [
        { file, kind: checker.kind, ...(await checker.check(file, options, language === 'it' ? 'de' : language)) },
      ]
    if (isBackup(start)) return [await checkBackup(file, options.passphraseFile)]
    if (isCode(start.toString('utf8'))) return await checkCodes(await codesIn(file), file, options)
    if (start.toString('utf8', 0, 1) === '{') return [await checkJournal(file, options, language)]
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

async function codesIn(file: string): Promise<string> {
  const handle = await open(file)
  try {
    if ((await handle.stat()).size > QR_FILE_LIMIT_BYTES) throw new UsageError('Too large for a list of codes')
    return await handle.readFile('utf8')
  } finally {
    await handle.close()
  }
}

async function checkCodes(text: string, name: string, given: Given): Promise<Verdict[]> {
  const verdicts = await judgeCodes(text, given)
  const nameOf = (line: number): string => (verdicts.length === 1 ? name : `${name}:${line}`)
  return verdicts.map(({ line, ...verdict }) => ({ file: nameOf(line), kind: 'qr', ...verdict }))
}

async function checkJournal(file: string, { partial, reader }: FileOptions, language: Language): Promise<Verdict> {
  const { verifyChains } = await import('../journal/verify/chains.ts')
  const { describeBooks } = await import('../journal/books/findings.ts')
  const { LAW_BOOKS } = await import('../laws/law-books.ts')
  const report = await verifyChains(createReadStream(file), { laws: LAW_BOOKS, partial, reader })
  const { epoch, signed, findings, codes } = report
  const valid = report.valid && (codes ?? []).every(({ level }) => level === 'note')
  // Each epoch counts from 1.
  const ofEpoch = epoch > 1 ? ` of epoch ${epoch}` : ''
  const sentences = findings.map(({ seq, rule, what }) => {
    const remedy = rule === 'public_key' ? ': for a part of a journal use --partial, which checks only the chain' : ''
    return `seq ${seq}${ofEpoch}: ${what} (${rule})${remedy}`
  })
  const summary = journalSummary({ ...report, isUnsignedPart: report.valid && !signed })[language]
  sentences.push(...(codes ?? []).map((finding) => describeBooks(finding, language, LAW_BOOKS)))
  const result = { findings: sentences, ...(codes !== undefined && { codes }), ...(await notesOn(report)) }
  return { file, kind: 'journal', valid, summary, ...result, uncertified: [] }
}

/** Facts about a whole journal that are not findings: its restores, and when the clock was wrong. */
async function notesOn({ restores, suspect }: Noted): Promise<Pick<Verdict, 'notes'>> {
  const { restoreTexts } = await import('../journal/verify/restore-texts.ts')
  const { suspectTexts } = await import('../journal/verify/suspect-spans.ts')
  const notes = [...restoreTexts(restores), ...(suspect === undefined ? [] : suspectTexts(suspect))]
  return notes.length > 0 ? { notes } : {}
}

async function checkBackup(file: string, passphraseFile: string | undefined): Promise<Verdict> {
  const { examineBackup } = await import('../backup/examine.ts')
  const { LAW_BOOKS } = await import('../laws/law-books.ts')
  const { readPassphrase } = await import('./terminal/passphrase.ts')
  const passphrase = passphraseFile === undefined ? undefined : await readPassphrase(passphraseFile, '')
  const { header, report, isNamed, isSealed, isSealRemoved, archives, absent } = await examineBackup(
    file,
    LAW_BOOKS,
    passphrase,
  )
  const missingFiles = absent.map(
    (name) => `archive ${name} of a TSE: its .archive file is missing next to the backup, or was changed`,
  )
  const broken = report.findings.map(({ seq, rule, what }) => `seq ${seq}: ${what} (${rule})`)
  const { describeBooks } = await import('../journal/books/findings.ts')
  const { codes = [] } = report
  const isConsistent = codes.every(({ level }) => level === 'note')
  const misnamed = report.valid && !isNamed ? ['its first line names another journal than its content'] : []
  const unsealed = isSealRemoved ? ['its seal was removed after it was made: the journal may have been changed'] : []
  const sentences = codes.map((finding) => describeBooks(finding, 'en', LAW_BOOKS))
  const findings = [...broken, ...misnamed, ...unsealed, ...sentences, ...missingFiles]
  const keys = header?.secrets === null ? 'without keys' : 'keys under a passphrase'
  const signature = report.signed ? 'signature of the head ✔' : 'signature of the head ✖'
  const isWithout = header?.secrets === null || isSealRemoved
  const seal = isWithout ? 'no seal' : isSealed ? 'seal ✔' : 'seal not checked: --passphrase-file'
  const summary = `backup of ${header?.created_at}, ${report.events} events, epoch ${report.epoch}, ${keys}, ${signature}, ${seal}`
  const held = archives === 0 ? summary : `${summary}, ${archives - absent.length} of ${archives} archives of TSEs`
  const valid = report.valid && isNamed && isConsistent && !isSealRemoved && absent.length === 0
  return { file, kind: 'backup', valid, summary: held, findings, ...(await notesOn(report)), uncertified: [] }
}
