import type { DeviceLogs, KeptArchive } from '../../../journal/books/device-logs.ts'
import type { GermanFindings } from '../books/texts.ts'
import type { ArchivedUnits } from './archived-units.ts'

/** Reports logs that a unit signed and no archive contains: deleted ones, and those of an archive that is missing. */
export class MissingLogs {
  readonly #logs: DeviceLogs
  readonly #findings: GermanFindings
  /** Each is reported once. */
  readonly #missingFiles = new Set<string>()

  constructor(logs: DeviceLogs, findings: GermanFindings) {
    this.#logs = logs
    this.#findings = findings
  }

  reportArchive(serial: string, { file }: KeptArchive): void {
    if (!this.#missingFiles.has(file)) this.#findings.add('tse_archive_missing', 0, { serial, file })
    this.#missingFiles.add(file)
  }

  /** Counters of whole units that no archive contains. Gaps inside one archive are reported by its own check. */
  reportGaps(units: ArchivedUnits): void {
    for (const [serial, { isWhole, spans, highest }] of units.all) {
      if (!isWhole || !this.#logs.units.has(serial)) continue
      for (const { from, to } of spans.missing(1, highest)) this.#reportGap(serial, from, to)
    }
  }

  /** The journal records archives of some of these logs: they are missing, the others are deleted. */
  #reportGap(serial: string, from: number, to: number): void {
    const recorded = this.#logs.keptArchives(serial).filter((archive) => archive.first <= to && archive.last >= from)
    let next = from
    for (const archive of recorded.toSorted((one, other) => one.first - other.first)) {
      if (archive.first > next) this.#findings.add('tse_logs_deleted', 0, { serial, from: next, to: archive.first - 1 })
      next = Math.max(next, archive.last + 1)
      this.reportArchive(serial, archive)
    }
    if (next <= to) this.#findings.add('tse_logs_deleted', 0, { serial, from: next, to })
  }
}
