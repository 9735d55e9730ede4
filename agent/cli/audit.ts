import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { readdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Command } from 'commander'
import { parseRfc3339, rfc3339, systemClock } from '../clock.ts'
import type { Config } from '../config/config.ts'
import { readConfig } from '../config/config.ts'
import { syncDirectory } from '../durable-file.ts'
import { describeFailure } from '../failure.ts'
import { describeBooks } from '../journal/books/findings.ts'
import { takeLowestPriority } from '../lowest-priority.ts'
import type { MatchReport } from '../regimes/kassensichv/archive-match.ts'
import { compareWithArchives } from '../regimes/kassensichv/dsfinvk/check/against-archive.ts'
import { describeFinding } from '../regimes/kassensichv/dsfinvk/finding.ts'
import { packageVersion } from '../version.ts'
import type { Common } from './arguments/options.ts'
import { configOption, jsonOption } from './arguments/options.ts'
import { rangeOptions } from './arguments/range.ts'
import { clockNotes } from './audit/clock-notes.ts'
import { writeFormerArchives } from './audit/former-archives.ts'
import { journalPart } from './audit/journal-part.ts'
import { notedParts } from './audit/notes.ts'
import type { Installation } from './audit/procedure.ts'
import { procedureDocument } from './audit/procedure.ts'
import type { AuditPart } from './audit/report.ts'
import { auditReport, notWritten } from './audit/report.ts'
import { writeClosingReports } from './audit/z-reports.ts'
import type { Technician } from './daemon/admin-client.ts'
import { askedDevices, PATIENT_MS } from './daemon/asked-devices.ts'
import { asTechnician } from './daemon/technician.ts'
import { inNewFolder } from './files/new-folder.ts'
import type { StateTasks } from './owner/state-tasks.ts'
import { withStateTasks } from './owner/state-tasks.ts'
import { print, printJson, styled } from './terminal/output.ts'
import { matchFiles } from './verify/together.ts'
import { verify } from './verify.ts'

type Options = Common & { out: string; from: string; to: string }
type Range = { from: string; to: string }
type IsRetired = (serial: string) => boolean
/** A file that is to be written, by whom it is wanted, and how it is checked. */
type Wanted = { file: string; type: Parameters<Technician['exportTo']>[0]; registerId?: string; filtered?: boolean }

/** A unit may have to be opened first, which takes its time; one that stays silent keeps no audit waiting. */
/** Comes last: where it is, all is there. */
const SUMS = 'SHA256SUMS'
const JOURNAL = 'journal.ndjson'
const TSE_ARCHIVE = 'tse.tar'

/** For the auditor on the doorstep (Kassen-Nachschau, § 146b AO): everything at once, checked, in one folder. */
export function auditCommand(): Command {
  const command = new Command('audit')
    .description('writes all that an auditor asks for into one folder, checks it, and says what was found')
    .requiredOption('--out <folder>', 'new or empty')
  return rangeOptions(command)
    .addOption(configOption())
    .addOption(jsonOption())
    .action(async (options: Options) => {
      takeLowestPriority()
      const folder = resolve(options.out)
      const parts = await inNewFolder(folder, SUMS, (made) => writeAudit(options, made))
      const isWhole = parts.every(({ valid }) => valid)
      if (!isWhole) process.exitCode = 1
      if (options.json) return printJson({ folder, valid: isWhole, parts })
      parts.forEach(printPart)
      print(`\n${folder}`)
    })
}

function printPart({ name, valid, note, summary, findings }: AuditPart): void {
  const mark = note === true ? styled('yellow', '!') : valid ? styled('green', '✔') : styled('red', '✖')
  print(`${mark} ${name.padEnd(28)} ${summary}`)
  for (const finding of findings) print(`    ${finding}`)
}

async function writeAudit(options: Options, folder: string): Promise<AuditPart[]> {
  const { config } = readConfig(options.config)
  return withStateTasks(config.state, (tasks) => writeParts(config, tasks, options, folder))
}

async function writeParts(
  config: Config,
  tasks: StateTasks,
  { config: configFile, from, to }: Options,
  folder: string,
): Promise<AuditPart[]> {
  const range = { from, to }
  const { installation, devices, parts, notes, isRetired } = await asTechnician(configFile, async (technician) => {
    // The journal is there now.
    const retired = new Set(await tasks.retiredTses())
    const isRetired: IsRetired = (serial) => retired.has(serial)
    const installation = (await technician.installation()) as unknown as Installation
    const devices = (await askedDevices(technician, PATIENT_MS)) as unknown as Installation['devices']
    const parts: AuditPart[] = []
    for (const wanted of wantedFiles(installation, devices, isRetired))
      parts.push(...(await writePart(technician, wanted, range, folder)))
    // After the archives: what the TSE has signed by then, the journal must have.
    if (isEverything(range) && archivesIn(parts, folder).length > 0)
      parts.push(...(await writePart(technician, { file: JOURNAL, type: 'journal' }, range, folder)))
    return { installation, devices, parts, notes: await technician.auditNotes(range), isRetired }
  })
  if (isEverything(range)) {
    const serials = installation.registers.flatMap(({ fiscalization }) => fiscalization?.tse_serial ?? [])
    const inUse = serials.filter((serial) => !isRetired(serial))
    parts.push(...(await writeFormerArchives(config.state, tasks, inUse, folder)))
    parts.push(...(await comparedParts(folder, parts, isRetired)))
    parts.push(...(await matchedParts(folder, parts)))
  }
  const journal = await tasks.verifyJournal()
  parts.push(journalPart(journal, clockNotes(journal, installation)))
  parts.push(...notedParts(notes))
  const writtenAt = rfc3339(systemClock.now())
  const facts = { installation: { ...installation, devices }, config, version: packageVersion(), writtenAt, notes }
  await write(folder, 'verfahrensdokumentation.html', procedureDocument(facts))
  await write(folder, 'pruefbericht.txt', auditReport({ parts, range, writtenAt, installation }))
  await write(folder, SUMS, await sumsOf(folder))
  await syncDirectory(folder)
  return parts
}

function write(folder: string, name: string, text: string): Promise<void> {
  return writeFile(join(folder, name), text, { mode: 0o600, flag: 'wx', flush: true })
}

/** One package where one merchant sells, else one for each register; one archive for each TSE, or each register of several. */
function wantedFiles({ registers }: Installation, devices: Installation['devices'], isRetired: IsRetired): Wanted[] {
  const of = (law: string) => registers.filter(({ fiscalization }) => fiscalization?.regime === law)
  const german = of('KassenSichV')
  const merchants = new Set(german.map(({ merchant_id }) => merchant_id))
  // Of a register that ended with a TSE which is gone nobody can be asked: what was taken out of that is there.
  const asked = german.filter(({ fiscal_device, fiscalization }) => {
    const serial = fiscalization?.tse_serial
    return devices.some(({ id }) => id === fiscal_device) || typeof serial !== 'string' || !isRetired(serial)
  })
  const units = new Set(asked.map(({ fiscal_device }) => fiscal_device))
  const known = devices.filter(({ id, kind }) => kind === 'tse' && units.has(id))
  const packages: Wanted[] =
    merchants.size === 1
      ? [{ file: 'dsfinvk.zip', type: 'dsfinvk' }]
      : german.map(({ id }) => ({ file: `dsfinvk-${id}.zip`, type: 'dsfinvk', registerId: id }))
  const archives: Wanted[] =
    known.length === 1 && units.size === 1
      ? [{ file: TSE_ARCHIVE, type: 'tse_tar' }]
      : asked.map(({ id }) => ({ file: `tse-${id}.tar`, type: 'tse_tar', registerId: id, filtered: true }))
  const chains = of('RKSV').flatMap(({ id }): Wanted[] => [
    { file: `dep7-${id}.json`, type: 'dep7', registerId: id },
    { file: `dep131-${id}.csv`, type: 'dep131', registerId: id },
  ])
  return [...packages, ...archives, ...chains]
}

/** Written, and read again by the rules of the authorities. What cannot be written is told in its place. */
async function writePart(
  technician: Technician,
  { file, type, registerId, filtered = false }: Wanted,
  { from, to }: Range,
  folder: string,
): Promise<AuditPart[]> {
  const path = join(folder, file)
  try {
    await technician.exportTo(type, { from, to, ...(registerId !== undefined && { registerId }) }, path)
    if (type === 'dep131')
      return [{ name: file, valid: true, summary: 'Vorgänge der Kasse (§ 131b BAO)', findings: [] }]
    const partial = filtered || !isEverything({ from, to })
    const verdicts = await verify(path, { filtered: partial, partial })
    const parts = verdicts.map(({ file: _, kind: __, ...verdict }) => ({ name: file, ...verdict }))
    return type === 'dsfinvk' ? [...parts, await writeClosingReports(path, folder)] : parts
  } catch (error) {
    return [notWritten(file, error)]
  }
}

/** All that was ever sold until now: the archives of the TSEs are whole then. */
function isEverything({ from, to }: Range): boolean {
  return parseRfc3339(from) === 0 && (parseRfc3339(to) ?? 0) > systemClock.now()
}

/**
 * What the books say was signed, beside what the TSEs hold: a unit that lost its memory is found by nothing else. Also of
 * files that were found wrong: one bad signature of a unit hides none of its other logs.
 */
async function comparedParts(folder: string, parts: readonly AuditPart[], isRetired: IsRetired): Promise<AuditPart[]> {
  const names = new Set(parts.map(({ name }) => name))
  const written = [...names].filter((name) => existsSync(join(folder, name)))
  const archives = written.filter((name) => name.endsWith('.tar')).map((name) => join(folder, name))
  if (archives.length === 0) return []
  const compared: AuditPart[] = []
  for (const name of written.filter((file) => file.endsWith('.zip')))
    compared.push(await comparedPart(name, join(folder, name), archives, isRetired))
  return compared
}

function archivesIn(parts: readonly AuditPart[], folder: string): string[] {
  const names = new Set(parts.map(({ name }) => name))
  return [...names].filter((name) => name.endsWith('.tar') && existsSync(join(folder, name)))
}

/** What the TSEs hold beside what the journal has, in both directions. */
async function matchedParts(folder: string, parts: readonly AuditPart[]): Promise<AuditPart[]> {
  const archives = archivesIn(parts, folder)
  const journal = parts.find(({ name }) => name === JOURNAL)
  if (archives.length === 0 || journal?.valid !== true) return []
  const name = 'TSE / Journal'
  // Of one that breaks off nobody can say what it lacks; of several units each has the archives of its registers.
  const isWhole = parts.every((part) => part.valid || !part.name.endsWith('.tar'))
  const scope = isWhole ? (archives.includes(TSE_ARCHIVE) ? 'whole' : 'own_registers') : 'part'
  try {
    const files = archives.map((archive) => join(folder, archive))
    const { findings, ...report } = await matchFiles(join(folder, JOURNAL), files, scope)
    const absent = report.without.filter(({ isRetired }) => !isRetired)
    const valid = absent.length === 0 && findings.every(({ level }) => level === 'note')
    const told = findings.map((finding) => describeBooks(finding, 'de'))
    return [{ name, valid, summary: matchSummary(report), findings: told }]
  } catch (error) {
    return [{ name, valid: false, summary: 'nicht verglichen', findings: [describeFailure(error)] }]
  }
}

function matchSummary({ matched, younger, without }: MatchReport): string {
  const later = younger === 0 ? '' : `; ${younger} jünger als das Archiv`
  const absent = without.map(({ serial, finishes }) => `; ohne Archiv ${finishes} der TSE ${serial.slice(0, 16)}…`)
  return `${matched} Absicherungen stehen so im Speicher der TSE und im Journal${later}${absent.join('')}`
}

async function comparedPart(
  file: string,
  path: string,
  archives: readonly string[],
  isRetired: IsRetired,
): Promise<AuditPart> {
  const name = `${file} / TSE`
  try {
    const streams = archives.map((archive) => createReadStream(archive))
    const { found, absent, findings, findingCount } = await compareWithArchives(path, streams, isRetired)
    const without = absent.map(({ serial, bons }) => `; ohne Archiv ${bons} der TSE ${serial.slice(0, 16)}…`)
    const lacking = absent.filter(({ serial }) => !isRetired(serial)).map(lackingArchive)
    const more = findingCount > findings.length ? [`und ${findingCount - findings.length} weitere`] : []
    const valid = findingCount === 0 && lacking.length === 0
    const summary = `${found} Signaturen stehen so im Archiv der TSE${without.join('')}`
    return { name, valid, summary, findings: [...lacking, ...findings.map(describeFinding), ...more] }
  } catch (error) {
    return { name, valid: false, summary: 'nicht verglichen', findings: [describeFailure(error)] }
  }
}

/** A unit that is in use must have its archive; one that is out of use may be gone. */
function lackingArchive({ serial, bons }: { serial: string; bons: number }): string {
  return (
    `Die TSE ${serial} ist in Betrieb und hat ${bons} Belege signiert, ihr Archiv fehlt oder ist nicht ganz zu lesen: anschließen und wiederholen; ` +
    'ist sie verloren: fiskal-edge device retire ID --reason GRUND.'
  )
}

/** As sha256sum writes and checks them. */
async function sumsOf(folder: string): Promise<string> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true })
  const names = files
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
  let text = ''
  for (const name of names.sort()) {
    const sha = createHash('sha256')
    for await (const chunk of createReadStream(join(folder, name))) sha.update(chunk as Buffer)
    text += `${sha.digest('hex')}  ${name}\n`
  }
  return text
}
