import { createReadStream } from 'node:fs'
import { readdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Command } from 'commander'
import { parseRfc3339, rfc3339, systemClock } from '../../base/clock.ts'
import { syncDirectory } from '../../base/durable-file.ts'
import { takeLowestPriority } from '../../base/lowest-priority.ts'
import { once } from '../../base/once.ts'
import { packageVersion } from '../../base/version.ts'
import { RightSignatures } from '../../verify/tse/right-signatures.ts'
import type { Config } from '../agent-config.ts'
import { readConfig } from '../agent-config.ts'
import { sha256Of } from '../proof/sha256-of.ts'
import type { AuditNotes } from '../till/administration.ts'
import type { Common } from './arguments/options.ts'
import { configOption, jsonOption } from './arguments/options.ts'
import { EVER, rangeOptions } from './arguments/range.ts'
import type { AuditPart } from './audit/audit-part.ts'
import { notCompared, notWritten, onOneLine } from './audit/audit-part.ts'
import { clockNotes } from './audit/clock-notes.ts'
import { comparedParts, hasBooks, matchedParts, packageParts } from './audit/compared.ts'
import type { AskedFile } from './audit/exported-parts.ts'
import { exportedParts, isEverything } from './audit/exported-parts.ts'
import { foreignParts } from './audit/foreign-part.ts'
import { writeFormerArchives } from './audit/former-archives.ts'
import { headOf, journalPart } from './audit/journal-part.ts'
import { comparedByLaw } from './audit/law-comparisons.ts'
import { masterDataPart } from './audit/master-data-part.ts'
import { notedParts } from './audit/notes.ts'
import type { Installation } from './audit/procedure.ts'
import { procedureDocument } from './audit/procedure.ts'
import type { RecordedReceipts } from './audit/recorded-receipts.ts'
import { JournalReading } from './audit/recorded-receipts.ts'
import { auditRun } from './audit/remembered.ts'
import type { OpenTask } from './audit/report.ts'
import { auditReport } from './audit/report.ts'
import type { ReportLanguage } from './audit/report-language.ts'
import { REPORT_TEXTS } from './audit/report-texts.ts'
import { mainWords, shortName } from './audit/report-words.ts'
import { restoreParts } from './audit/restore-parts.ts'
import { retirementParts } from './audit/retirement-part.ts'
import { targetParts } from './audit/targets-part.ts'
import type { UnprovenItem } from './audit/unproven-items.ts'
import { unprovenItems } from './audit/unproven-items.ts'
import { unreadUnsold, unsoldPart } from './audit/unsold-part.ts'
import type { IsRetired } from './audit/wanted.ts'
import { JOURNAL, printersOf, wantedFiles } from './audit/wanted.ts'
import { withClosingReports } from './audit/z-reports.ts'
import type { Technician } from './daemon/admin-client.ts'
import { askedDevices, PATIENT_MS } from './daemon/asked-devices.ts'
import { isShortJournal } from './daemon/short-tasks.ts'
import { asTechnicianOf } from './daemon/technician.ts'
import { inNewFolder } from './files/new-folder.ts'
import { targetSecrets } from './journal/witnesses.ts'
import type { StateTasks } from './owner/state-tasks.ts'
import { withStateTasks } from './owner/state-tasks.ts'
import { print, printJson, styled } from './terminal/output.ts'

type Options = Common & { out: string; from: string; to: string }
type Range = { from: string; to: string }
type Written = { parts: AuditPart[]; items: UnprovenItem[] }
/** Written last: a folder with this file is complete. */
const SUMS = 'SHA256SUMS'

/** Writes everything for an unannounced audit (Kassen-Nachschau, § 146b AO) into one folder and checks it. */
export function auditCommand(): Command {
  const command = new Command('audit')
    .description('write all records for an auditor into one folder, check them and report the findings')
    .requiredOption('--out <folder>', 'new or empty')
  return rangeOptions(command)
    .addOption(configOption())
    .addOption(jsonOption())
    .action(async (options: Options) => {
      takeLowestPriority()
      const folder = resolve(options.out)
      const { parts, items } = await inNewFolder(folder, SUMS, (unfinished) => writeAudit(options, unfinished))
      const isWhole = parts.every(({ valid }) => valid)
      if (!isWhole) process.exitCode = 1
      if (options.json)
        return printJson({ folder, valid: isWhole, parts: parts.map(shownPart), unproven: items.map(shownItem) })
      parts.forEach(printPart)
      print()
      print(folder)
    })
}

/** Without what its own steps pass on. */
function shownPart({ readBack: _, ...part }: AuditPart): object {
  return part
}

function shownItem({ item, isNone, lines }: UnprovenItem): object {
  return { item, none: isNone, lines: lines.map(({ text, details }) => ({ text, details })) }
}

function printPart({ name, valid, note, summary, findings }: AuditPart): void {
  const mark = note === true ? styled('yellow', '!') : valid ? styled('green', '✔') : styled('red', '✖')
  print(`${mark} ${name.padEnd(28)} ${summary}`)
  for (const finding of findings) print(`    ${finding}`)
}

async function writeAudit(options: Options, folder: string): Promise<Written> {
  const { config } = readConfig(options.config)
  const isApart = !isShortJournal(config.state)
  return withStateTasks(config.state, (tasks) => writeParts(config, tasks, options, folder), isApart)
}

async function writeParts(config: Config, tasks: StateTasks, { from, to }: Options, folder: string): Promise<Written> {
  const range = { from, to }
  const isWhole = isEverything(range)
  const begunAt = rfc3339(systemClock.now())
  const reading = new JournalReading(range)
  const known = new RightSignatures()
  // In another process it runs while the files are checked and compared here.
  const verified = once(() => tasks.verifyJournal(reading.checked))
  const beginVerification = (): void => void verified().catch(() => undefined)
  const exported = await asTechnicianOf(config, (technician) =>
    exportAll(technician, tasks, { range, reading, known, beginVerification }, folder),
  )
  const { installation, devices, parts, notes, openTasks } = exported
  const words = mainWords(installation)
  const { language } = words
  const { journalPart: journalName, file } = REPORT_TEXTS[language]
  if (isWhole) parts.push(...(await wholeParts(config.state, tasks, exported, { folder, known })))
  const matched = await matchedParts(config.state, folder, parts, reading.logs, isWhole)
  parts.push(...matched.parts)
  const recorded = hasBooks(parts)
    ? await resultOrFailure({ parts, language }, journalName, async () => reading.receipts())
    : undefined
  const closings = isWhole ? { untilSeq: installation.events } : 'of'
  parts.push(...(await packageParts(folder, parts, recorded, closings)))
  if (isWhole) parts.push(...(await comparedByLaw(folder, parts, recorded, begunAt)))
  const journal = await resultOrFailure({ parts, language }, journalName, verified)
  if (journal !== undefined) parts.push(journalPart(journal, clockNotes(journal, installation), language))
  parts.push(...(await unsoldIn(folder, recorded, range, installation)))
  parts.push(...retirementParts(matched.retired, range))
  if (journal !== undefined) parts.push(...restoreParts(journal.restores, range, installation))
  parts.push(...(await targetParts(() => tasks.askTargets(config, targetSecrets(config)), language)))
  const printers = printersOf(installation)
  let shown: ReadonlySet<string> = new Set()
  if (printers.length > 0 && journal !== undefined) {
    const { printerParts } = await import('./audit/printer-parts.ts')
    const read = await asTechnicianOf(config, (asked) => printerParts(asked, printers, journal))
    parts.push(...read.parts)
    shown = read.shown
  }
  if (recorded !== undefined) parts.push(...foreignParts(recorded.unsold.unproven.rates.all()))
  if (notes !== undefined) parts.push(...notedParts(notes, words))
  const writtenAt = rfc3339(systemClock.now())
  if (journal !== undefined) {
    const run = auditRun(writtenAt, parts, journal, matched.units, isWhole)
    await tasks.rememberRun(run).catch((error: unknown) => void parts.push(notWritten('proof.json', error, language)))
  }
  const outages = recorded?.outages.report().outages
  const facts = {
    installation: { ...installation, devices },
    config,
    version: packageVersion(),
    writtenAt,
    notes,
    outages,
  }
  const procedure = await procedureDocument(facts)
  if (procedure !== undefined) await write(folder, 'verfahrensdokumentation.html', procedure)
  const head = journal && headOf(journal)
  const proven = recorded !== undefined && journal !== undefined ? { recorded, journal, shown } : undefined
  const items = unprovenItems(proven, range, installation)
  const lines = parts.map(onOneLine)
  await write(
    folder,
    file,
    auditReport({ parts: lines, items, range, writtenAt, installation, head, tasks: openTasks }),
  )
  await write(folder, SUMS, await sumsOf(folder))
  await syncDirectory(folder)
  return { parts: lines, items }
}

/** The chapter on acts without turnover, and the changes of master data, each with its file. */
async function unsoldIn(
  folder: string,
  recorded: RecordedReceipts | undefined,
  { from, to }: Range,
  installation: Installation,
): Promise<AuditPart[]> {
  const { language } = mainWords(installation)
  if (recorded === undefined) return [unreadUnsold(language)]
  const range = [parseRfc3339(from) ?? 0, parseRfc3339(to) ?? 0] as const
  const lists = [
    unsoldPart(recorded, range, installation, language),
    masterDataPart(recorded.masterData, range, language),
  ]
  for (const { file, csv } of lists) await write(folder, file, csv)
  return lists.map(({ part }) => part)
}

/** `known`: right signatures of this audit; `beginVerification` is called once the journal's file was checked. */
type ExportPlan = {
  readonly range: Range
  readonly reading: JournalReading
  readonly known: RightSignatures
  readonly beginVerification: () => void
}
type Exported = {
  installation: Installation
  devices: Installation['devices']
  parts: AuditPart[]
  /** Undefined if the agent could not return them. */
  notes: AuditNotes | undefined
  openTasks: readonly OpenTask[] | undefined
  isRetired: IsRetired
}

/** Lets the agent write its exports into the folder. */
async function exportAll(
  technician: Technician,
  tasks: Pick<StateTasks, 'retiredTses'>,
  { range, reading, known, beginVerification }: ExportPlan,
  folder: string,
): Promise<Exported> {
  // The journal exists by now: the agent has answered.
  const retired = new Set(await tasks.retiredTses())
  const isRetired: IsRetired = (serial) => retired.has(serial)
  const installation = (await technician.installation()) as unknown as Installation
  const devices = (await askedDevices(technician, PATIENT_MS)) as unknown as Installation['devices']
  const wanted = wantedFiles(installation, devices, isRetired)
  const { events } = installation
  const files: AskedFile[] = wanted.map((one) => ({
    wanted: one,
    range: one.ofClosings === true ? { ...range, untilSeq: events } : range,
  }))
  // The whole journal, because gaps of a part prove nothing; and always, because it still has the events of registers that
  // no longer belong to a law.
  const ofJournal = { wanted: { file: JOURNAL, type: 'journal' }, range: EVER, reader: reading }
  files.push({ ...ofJournal, checked: beginVerification })
  const { language } = mainWords(installation)
  const written = await exportedParts(files, { technician, folder, known, language })
  const parts = await withClosingReports(folder, written, join(folder, JOURNAL), reading, shortName(installation))
  const { oddities, taskList } = REPORT_TEXTS[language]
  const notes = await resultOrFailure({ parts, language }, oddities, () =>
    technician.auditNotes(range, reading.isIssuedSaid),
  )
  const openTasks = await resultOrFailure({ parts, language }, taskList, async () => {
    return (await technician.listTasks()) as unknown as readonly OpenTask[]
  })
  return { installation, devices, parts, notes, openTasks, isRetired }
}

/** Archives and comparisons that only an audit of the whole time has. */
async function wholeParts(
  state: string,
  tasks: Pick<StateTasks, 'takenArchives'>,
  { installation, devices, parts, isRetired }: Exported,
  { folder, known }: { folder: string; known: RightSignatures },
): Promise<AuditPart[]> {
  const serials = installation.registers.flatMap(({ fiscalization }) => fiscalization?.tse_serial ?? [])
  const inUse = serials.filter((serial) => !isRetired(serial))
  const units = devices.filter(({ kind }) => kind === 'tse')
  const lost = inUse.filter((serial) => units.every((unit) => unit.serial !== null && unit.serial !== serial))
  const former = await writeFormerArchives(state, tasks, { inUse, lost }, { folder, known })
  return [...former, ...(await comparedParts(folder, [...parts, ...former], isRetired))]
}

/** Returns the result of `work`. A failure becomes a part of the report, so that the audit continues with the rest. */
async function resultOrFailure<Result>(
  { parts, language }: { parts: AuditPart[]; language: ReportLanguage },
  name: string,
  work: () => Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await work()
  } catch (error) {
    parts.push(notCompared(name, error, language))
    return undefined
  }
}

function write(folder: string, name: string, text: string): Promise<void> {
  return writeFile(join(folder, name), text, { mode: 0o600, flag: 'wx', flush: true })
}

/** The digests of all files in the format of sha256sum. */
async function sumsOf(folder: string): Promise<string> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true })
  const names = files
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
  let text = ''
  for (const name of names.sort()) text += `${await sha256Of(createReadStream(join(folder, name)))}  ${name}\n`
  return text
}
